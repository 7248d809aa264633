-- The tables that charts read, with the columns they read: a small extract of a
-- release, frozen so that pictures can be compared. The figures are those of
-- data/documents, whose sources they have; document and record number them here.
CREATE TABLE regions (code VARCHAR, name_en VARCHAR, name_zh VARCHAR, parent VARCHAR, level VARCHAR);
CREATE TABLE region_countries (region_code VARCHAR, country VARCHAR);
CREATE TABLE units (id VARCHAR, name_en VARCHAR, name_zh VARCHAR, symbol_en VARCHAR, symbol_zh VARCHAR, unit_measure VARCHAR, unit_mult BIGINT);
CREATE TABLE indicators (id VARCHAR, title_en VARCHAR, title_zh VARCHAR, unit VARCHAR, decimals BIGINT, measure VARCHAR);
CREATE TABLE publishers (id VARCHAR, name_en VARCHAR, name_zh VARCHAR, licence VARCHAR);
CREATE TABLE observation_statuses (id VARCHAR, name_en VARCHAR, name_zh VARCHAR);
CREATE TABLE benchmarks (id VARCHAR, name_en VARCHAR, name_zh VARCHAR, scope VARCHAR, region VARCHAR, population_scope VARCHAR, min_members INTEGER);
CREATE TABLE benchmark_members (benchmark VARCHAR, region VARCHAR);
CREATE TABLE benchmark_pairs (benchmark VARCHAR, indicator VARCHAR, benchmark_indicator VARCHAR, relation VARCHAR, reason_en VARCHAR, reason_zh VARCHAR);
CREATE TABLE breaks (id VARCHAR, region VARCHAR, indicator VARCHAR, period VARCHAR, title_en VARCHAR, title_zh VARCHAR);
CREATE TABLE events (id VARCHAR, region VARCHAR, date VARCHAR, publisher VARCHAR);
CREATE TABLE preferred_observations (region_code VARCHAR, region VARCHAR, indicator VARCHAR, frequency VARCHAR, time_period VARCHAR, period_start DATE, value DOUBLE, obs_status VARCHAR, standing BIGINT, qualifier VARCHAR, confidence VARCHAR, document_id INTEGER, record INTEGER);
CREATE TABLE benchmark_observations (benchmark VARCHAR, region_code VARCHAR, indicator VARCHAR, frequency VARCHAR, time_period VARCHAR, period_start DATE, value DOUBLE, obs_status VARCHAR, qualifier VARCHAR, confidence VARCHAR, document_id INTEGER, record INTEGER);
CREATE TABLE comparisons (region_code VARCHAR, benchmark VARCHAR, indicator VARCHAR, frequency VARCHAR, time_period VARCHAR, period_start DATE, relation VARCHAR, reason VARCHAR, benchmark_value DOUBLE);
CREATE TABLE observation_vintages (region_code VARCHAR, indicator VARCHAR, frequency VARCHAR, time_period VARCHAR, period_start DATE, value DOUBLE, obs_status VARCHAR, status VARCHAR, standing BIGINT, qualifier VARCHAR, confidence VARCHAR, origin VARCHAR, published_at DATE, visible_from DATE, document_id INTEGER, record INTEGER);
CREATE TABLE revisions (region_code VARCHAR, indicator VARCHAR, frequency VARCHAR, time_period VARCHAR, event_id VARCHAR, visible_from DATE);
CREATE TABLE revision_events (id VARCHAR, indicator VARCHAR, title_en VARCHAR, title_zh VARCHAR);
CREATE TABLE comparable_observations (region_code VARCHAR, indicator VARCHAR, frequency VARCHAR, time_period VARCHAR, basis VARCHAR);
CREATE TABLE claims (id VARCHAR, sentence_en VARCHAR, sentence_zh VARCHAR, paraphrase BOOLEAN, publisher VARCHAR, published_at DATE, region_code VARCHAR, unit VARCHAR, decimals BIGINT, operator VARCHAR, threshold DOUBLE);
CREATE TABLE claim_verdicts (claim VARCHAR, verdict VARCHAR, reading VARCHAR);
CREATE TABLE claim_readings (claim VARCHAR, reading VARCHAR, position BIGINT, label_en VARCHAR, label_zh VARCHAR, is_default BOOLEAN, admissible BOOLEAN, looked_for_en VARCHAR, looked_for_zh VARCHAR);
CREATE TABLE claim_checks (claim VARCHAR, reading VARCHAR, verdict VARCHAR, why VARCHAR, value DOUBLE, value_low DOUBLE, value_high DOUBLE, margin DOUBLE, missing VARCHAR);
CREATE TABLE claim_inputs (claim VARCHAR, reading VARCHAR, defined_in VARCHAR, row_id VARCHAR, origin VARCHAR, document_id INTEGER, record INTEGER);
