-- title: cagr(region, indicator, from_year, to_year): compound growth a year in percent, of a level or of chained growth rates
-- args: wanted_region, wanted_indicator, from_year, to_year, allow_nominal := false, splice := false
-- example: FROM cagr('hefei', 'gdp_growth_real', 2012, 2016)
-- refuses: current prices unless allow_nominal := true labels them; two sides of a break unless a link splices them; a year without a figure or a rate; what is neither a level nor yearly growth
WITH series_asked AS MATERIALIZED (
    SELECT a.*, n.note AS never_note, g.indicator AS real_growth
    FROM asked(wanted_region, wanted_indicator, caller := 'cagr') AS a
    LEFT JOIN indicator_relations AS n ON n.indicator = a.indicator AND n.relation = 'never_chained'
    LEFT JOIN (
        SELECT r.other, min(r.indicator) AS indicator FROM indicator_relations AS r
        JOIN indicators AS i ON i.id = r.indicator
        WHERE r.relation = 'growth_of' AND i.price_basis = 'constant' GROUP BY r.other
    ) AS g ON g.other = a.indicator
    WHERE CASE
        WHEN a.measure NOT IN ('level', 'growth') THEN error(
            'cagr takes a level or yearly growth, but ' || a.indicator || ' is ' || CASE a.measure WHEN 'average_growth' THEN 'average growth over several years' ELSE 'a ' || a.measure END
        )
        WHEN from_year >= to_year THEN error('cagr: ' || from_year || ' is not before ' || to_year)
        WHEN n.indicator IS NOT NULL THEN error('cagr: ' || n.indicator || ' does not lead from one level of ' || n.other || ' to the next. ' || n.note)
        WHEN a.price_basis = 'current' AND NOT allow_nominal THEN error(
            'cagr: ' || a.indicator || ' is at current prices (nominal), growth is meant at constant prices (real): '
            || CASE WHEN g.indicator IS NULL THEN '' ELSE 'take ' || g.indicator || ', or ' END || 'say allow_nominal := true for the nominal rate'
        )
        ELSE true
    END
),
ends AS (
    SELECT
        a.region_code, a.indicator,
        max(CASE WHEN splice THEN s.linked_value ELSE s.raw_value END) FILTER (WHERE s.time_period = CAST(from_year AS VARCHAR)) AS first_value,
        max(CASE WHEN splice THEN s.linked_value ELSE s.raw_value END) FILTER (WHERE s.time_period = CAST(to_year AS VARCHAR)) AS last_value,
        max(CASE WHEN splice THEN s.linked_basis ELSE s.basis END) FILTER (WHERE s.time_period = CAST(from_year AS VARCHAR)) AS first_basis,
        max(CASE WHEN splice THEN s.linked_basis ELSE s.basis END) FILTER (WHERE s.time_period = CAST(to_year AS VARCHAR)) AS last_basis,
        coalesce(bool_or(splice AND s.link_factor <> 1), false) AS is_estimate
    FROM series_asked AS a
    LEFT JOIN spliced_observations AS s
        ON s.region_code = a.region_code AND s.indicator = a.indicator
        AND s.time_period IN (CAST(from_year AS VARCHAR), CAST(to_year AS VARCHAR))
    WHERE a.measure = 'level'
    GROUP BY ALL
),
levels AS (
    SELECT (power(last_value / first_value, 1 / (to_year - from_year)) - 1) * 100 AS rate, is_estimate
    FROM ends AS e
    WHERE CASE
        WHEN first_value IS NULL OR last_value IS NULL THEN error(
            'cagr: ' || e.indicator || ' has no figure of ' || CASE WHEN first_value IS NULL THEN from_year ELSE to_year END
        )
        WHEN first_value <= 0 OR last_value <= 0 THEN error('cagr: a level that is not above 0 has no compound rate')
        WHEN first_basis <> last_basis THEN error(
            'cagr: ' || from_year || ' and ' || to_year || ' stand on two sides of a break: ' || (
                SELECT min_by(b.title || ' (' || b.break_id || ')', b.number) FROM region_breaks AS b
                WHERE b.region_code = e.region_code AND b.indicator = e.indicator
                    AND ((e.first_basis >> (b.number - 1)) & 1) <> ((e.last_basis >> (b.number - 1)) & 1)
            ) || CASE WHEN splice THEN ', which nothing links' ELSE '; splice := true leads across where break_links has a link' END
        )
        ELSE true
    END
),
asked_years AS (
    SELECT unnest(range(from_year + 1, to_year + 1)) AS year
),
rates AS (
    SELECT (exp(sum(ln(1 + o.value / 100)) / (to_year - from_year)) - 1) * 100 AS rate, false AS is_estimate,
        string_agg(CAST(y.year AS VARCHAR), ', ' ORDER BY y.year) FILTER (WHERE o.value IS NULL) AS missing
    FROM series_asked AS a
    CROSS JOIN asked_years AS y
    LEFT JOIN preferred_observations AS o
        ON o.region_code = a.region_code AND o.indicator = a.indicator AND o.time_period = CAST(y.year AS VARCHAR)
        AND o.standing = 3 AND o.qualifier = 'exact' AND o.value > -99
    WHERE a.measure = 'growth'
)
SELECT
    a.region, a.indicator, from_year AS from_year, to_year AS to_year,
    CASE a.measure WHEN 'level' THEN l.rate ELSE r.rate END AS cagr_percent,
    a.price_basis,
    CASE a.measure WHEN 'level' THEN 'levels of the two years' ELSE 'chained yearly rates' END AS method,
    CASE a.measure WHEN 'level' THEN l.is_estimate ELSE false END AS is_estimate
FROM series_asked AS a
LEFT JOIN levels AS l ON a.measure = 'level'
LEFT JOIN rates AS r ON a.measure = 'growth'
WHERE CASE
    WHEN a.measure = 'growth' AND r.missing IS NOT NULL THEN error('cagr: ' || a.indicator || ' has no published rate for ' || r.missing)
    ELSE true
END
