-- The store: what was received, narrow and complete. Everything else in a
-- release is computed from it by the models in sql/.
--
-- No PRIMARY KEY and no index: they cost eight times the load and guard nothing
-- that the gate's queries do not check (see docs/decisions/0003-no-indexes.md).
CREATE SCHEMA store;

CREATE TABLE store.documents (
    document_id INTEGER NOT NULL,
    source VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    publisher VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    media_type VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    size BIGINT NOT NULL,
    published_at DATE,
    published_precision VARCHAR,
    not_before DATE,
    vintage DATE NOT NULL,
    known_at TIMESTAMP NOT NULL,
    readable BOOLEAN NOT NULL
);

COMMENT ON TABLE store.documents IS 'Documents received, one row per capture; the bytes are in the archive under their SHA-256';
COMMENT ON COLUMN store.documents.document_id IS 'Number of the capture in the archive, from 1 in the order received';
COMMENT ON COLUMN store.documents.source IS 'Source that fetched it; key of sources';
COMMENT ON COLUMN store.documents.name IS 'What the source calls it: the same question asked again has the same name';
COMMENT ON COLUMN store.documents.title IS 'The publication''s own title';
COMMENT ON COLUMN store.documents.publisher IS 'Who printed it; key of publishers';
COMMENT ON COLUMN store.documents.url IS 'Where a reader can look; empty when no address is known';
COMMENT ON COLUMN store.documents.media_type IS 'Media type as received';
COMMENT ON COLUMN store.documents.sha256 IS 'SHA-256 of the bytes exactly as received';
COMMENT ON COLUMN store.documents.size IS 'Bytes received';
COMMENT ON COLUMN store.documents.published_at IS 'When the publisher said it: the last day of the stated day, month or year; NULL when not known';
COMMENT ON COLUMN store.documents.published_precision IS 'day, month or year: how precise published_at is';
COMMENT ON COLUMN store.documents.not_before IS 'Earliest date the content can be from, when published_at is not known but the content proves it';
COMMENT ON COLUMN store.documents.vintage IS 'Orders vintages: published_at, else not_before, else 0001-01-01, so that an undated document never supersedes a dated one';
COMMENT ON COLUMN store.documents.known_at IS 'When this installation received it, UTC';
COMMENT ON COLUMN store.documents.readable IS 'False when the whole document is in quarantine';

CREATE TABLE store.series (
    series_id BIGINT NOT NULL,
    region_code VARCHAR NOT NULL,
    indicator VARCHAR NOT NULL,
    frequency VARCHAR NOT NULL,
    origin VARCHAR NOT NULL,
    reached DATE NOT NULL
);

COMMENT ON TABLE store.series IS 'Series: one region, one indicator, one frequency, one origin';
COMMENT ON COLUMN store.series.series_id IS 'Number of the series: the origin''s number in the high bits, a hash of the key in the low ones';
COMMENT ON COLUMN store.series.region_code IS 'Key of regions';
COMMENT ON COLUMN store.series.indicator IS 'Key of indicators';
COMMENT ON COLUMN store.series.frequency IS 'SDMX FREQ: A, S, Q, M; A5 is a span of five years';
COMMENT ON COLUMN store.series.origin IS 'Who made the figures, whoever prints them; key of publishers';
COMMENT ON COLUMN store.series.reached IS 'Latest vintage of any document that gave it a figure, also where the figure was no news';

CREATE TABLE store.observation (
    series_id BIGINT NOT NULL,
    period DATE NOT NULL,
    value DOUBLE NOT NULL,
    status UTINYINT NOT NULL,
    qualifier UTINYINT NOT NULL,
    confidence UTINYINT NOT NULL,
    vintage DATE NOT NULL,
    document_id INTEGER NOT NULL,
    record INTEGER NOT NULL
);

COMMENT ON TABLE store.observation IS 'Every vintage of every figure; a row is appended only where it says something new, and never changed';
COMMENT ON COLUMN store.observation.series_id IS 'Key of store.series';
COMMENT ON COLUMN store.observation.period IS 'First day of the period; the frequency is the series''';
COMMENT ON COLUMN store.observation.value IS 'The figure, in the unit of its indicator';
COMMENT ON COLUMN store.observation.status IS 'Key of observation_statuses';
COMMENT ON COLUMN store.observation.qualifier IS '0 exact, 1 about, 2 over (a lower bound), 3 under (an upper bound)';
COMMENT ON COLUMN store.observation.confidence IS '3 high, 2 medium (one step removed), 1 low (a single weak copy)';
COMMENT ON COLUMN store.observation.vintage IS 'As in store.documents: orders the vintages of one figure';
COMMENT ON COLUMN store.observation.document_id IS 'Key of store.documents';
COMMENT ON COLUMN store.observation.record IS 'Ordinal of the record in the document';

CREATE TABLE store.attestation (
    series_id BIGINT NOT NULL,
    period DATE NOT NULL,
    value DOUBLE NOT NULL,
    document_id INTEGER NOT NULL,
    record INTEGER NOT NULL
);

COMMENT ON TABLE store.attestation IS 'Documents that repeat a figure another publication brought: they make no vintage, but are witnesses';
COMMENT ON COLUMN store.attestation.series_id IS 'Key of store.series';
COMMENT ON COLUMN store.attestation.period IS 'First day of the period';
COMMENT ON COLUMN store.attestation.value IS 'The value repeated, in the unit of its indicator';
COMMENT ON COLUMN store.attestation.document_id IS 'Document that repeats it; key of store.documents';
COMMENT ON COLUMN store.attestation.record IS 'Ordinal of the record in the document';

CREATE TABLE store.remark (
    document_id INTEGER NOT NULL,
    record INTEGER NOT NULL,
    derivation VARCHAR NOT NULL,
    note VARCHAR NOT NULL
);

COMMENT ON TABLE store.remark IS 'What belongs to single figures: the arithmetic of derived ones, caveats';
COMMENT ON COLUMN store.remark.document_id IS 'Key of store.documents';
COMMENT ON COLUMN store.remark.record IS 'Ordinal of the record in the document';
COMMENT ON COLUMN store.remark.derivation IS 'The arithmetic, when the figure is derived and not printed';
COMMENT ON COLUMN store.remark.note IS 'Caveat of this one figure';

CREATE TABLE store.quarantine (
    document_id INTEGER NOT NULL,
    record INTEGER NOT NULL,
    place VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    text VARCHAR NOT NULL
);

COMMENT ON TABLE store.quarantine IS 'What could not be read, with its place; nothing is dropped';
COMMENT ON COLUMN store.quarantine.document_id IS 'Key of store.documents';
COMMENT ON COLUMN store.quarantine.record IS 'Ordinal of the record in the document; 0 for the document as a whole';
COMMENT ON COLUMN store.quarantine.place IS 'Where to look in the document';
COMMENT ON COLUMN store.quarantine.reason IS 'What is wrong and what was expected';
COMMENT ON COLUMN store.quarantine.text IS 'The record as found, cut to a readable length';
