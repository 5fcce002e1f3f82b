extension Schema {
    /// The life of quotes: whose they are, their versions, what accepted ones hold, and who did what when.
    ///
    /// Amounts are TEXT: they have up to 39 digits. The audit log and the steps are only ever added to, which triggers see
    /// to.
    static let lifecycle = """
        ALTER TABLE quote ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
        ALTER TABLE quote ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE quote ADD COLUMN revisionOf TEXT REFERENCES quote (id);
        CREATE INDEX quoteByTenant ON quote (tenant, createdAt, id);
        CREATE UNIQUE INDEX quoteByRevision ON quote (revisionOf) WHERE revisionOf IS NOT NULL;
        CREATE TABLE quoteStep (
            quote TEXT NOT NULL REFERENCES quote (id), number INTEGER NOT NULL, status TEXT NOT NULL,
            time INTEGER NOT NULL, actor TEXT NOT NULL,
            PRIMARY KEY (quote, number)
        ) WITHOUT ROWID;
        CREATE TABLE capacityHold (
            offer TEXT NOT NULL REFERENCES offer (id), quote TEXT NOT NULL REFERENCES quote (id),
            bytes INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
            PRIMARY KEY (offer, quote)
        ) WITHOUT ROWID;
        CREATE INDEX capacityHoldByQuote ON capacityHold (quote);
        CREATE TABLE creditHold (
            tenant TEXT NOT NULL, user TEXT NOT NULL, provider TEXT NOT NULL, quote TEXT NOT NULL REFERENCES quote (id),
            asset TEXT NOT NULL, minor TEXT NOT NULL, released INTEGER NOT NULL,
            PRIMARY KEY (tenant, user, provider, quote)
        ) WITHOUT ROWID;
        CREATE INDEX creditHoldByQuote ON creditHold (quote);
        CREATE TABLE answeredCall (
            tenant TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, status INTEGER NOT NULL,
            headers TEXT NOT NULL, body BLOB NOT NULL, time INTEGER NOT NULL,
            PRIMARY KEY (tenant, key)
        ) WITHOUT ROWID;
        CREATE INDEX answeredCallByTime ON answeredCall (time);
        CREATE TABLE apiKey (
            id TEXT PRIMARY KEY NOT NULL, hash TEXT NOT NULL, tenant TEXT NOT NULL, name TEXT NOT NULL,
            scopes TEXT NOT NULL, createdAt INTEGER NOT NULL, expiresAt INTEGER, revokedAt INTEGER
        ) WITHOUT ROWID;
        CREATE TABLE audit (
            number INTEGER PRIMARY KEY, time INTEGER NOT NULL, tenant TEXT NOT NULL, actor TEXT NOT NULL,
            action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL
        );
        CREATE INDEX auditBySubject ON audit (subject, number);
        CREATE TRIGGER auditStays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log never changes'); END;
        CREATE TRIGGER auditRemains BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log never shrinks'); END;
        CREATE TRIGGER stepStays BEFORE UPDATE ON quoteStep BEGIN SELECT RAISE(ABORT, 'a step never changes'); END;
        CREATE TRIGGER quoteStays BEFORE UPDATE OF document, inputHash, user, tenant, createdAt, expiresAt, version, revisionOf
            ON quote BEGIN SELECT RAISE(ABORT, 'a quote never changes'); END;

        """
}
