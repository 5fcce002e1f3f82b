import GRDB

/// The tables, as named migrations. A migration that has shipped never changes; a new one follows it.
enum Schema {
    /// Marks a file as ours ("FLBK"), so that another application's database is not written into.
    static let applicationID = 0x464C_424B

    /// The migrations in order.
    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("v1") { db in
            try db.execute(sql: geography + parties + events + records)
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        }
        migrator.registerMigration("v2") { db in
            // Who stood first, and when: documents are far too long to be read for it.
            try db.execute(
                sql: "ALTER TABLE quote ADD COLUMN firstProvider TEXT; CREATE INDEX quoteByTime ON quote (createdAt)")
        }
        migrator.registerMigration("v3") { try $0.execute(sql: lifecycle) }
        migrator.registerMigration("v4") { try $0.execute(sql: administration) }
        migrator.registerMigration("v5") { try $0.execute(sql: revisions + providerKeys) }
        migrator.registerMigration("v6") { db in
            // Commitments are counted when a service starts, and each hour; views and clicks are many times as many.
            try db.execute(
                sql: """
                    CREATE INDEX interactionCommitted ON interaction (offer, time)
                    WHERE kind IN ('accepted', 'reserved', 'renewed')
                    """)
        }
        return migrator
    }()

    /// Places, and the distances between them.
    private static let geography = """
        CREATE TABLE metro (
            id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, country TEXT NOT NULL, continent TEXT NOT NULL,
            jurisdictions TEXT NOT NULL, latitude REAL, longitude REAL
        ) WITHOUT ROWID;
        CREATE TABLE readerRegion (
            id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, metro TEXT NOT NULL REFERENCES metro (id)
        ) WITHOUT ROWID;
        CREATE TABLE latency (
            region TEXT NOT NULL REFERENCES readerRegion (id), metro TEXT NOT NULL REFERENCES metro (id),
            milliseconds REAL NOT NULL, kind TEXT NOT NULL, source TEXT NOT NULL, asOf TEXT NOT NULL,
            PRIMARY KEY (region, metro)
        ) WITHOUT ROWID;

        """

    /// Who sells what, and at which rates money is converted. Exact decimals are TEXT: a REAL would round them.
    private static let parties = """
        CREATE TABLE provider (
            id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, country TEXT NOT NULL,
            apis TEXT NOT NULL, features TEXT NOT NULL, certifications TEXT NOT NULL,
            assumedAvailability TEXT NOT NULL, reputation INTEGER NOT NULL, source TEXT NOT NULL, asOf TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE providerRegion (
            provider TEXT NOT NULL REFERENCES provider (id), region TEXT NOT NULL,
            metro TEXT NOT NULL REFERENCES metro (id), source TEXT NOT NULL,
            PRIMARY KEY (provider, region)
        ) WITHOUT ROWID;
        CREATE TABLE registerEntry (
            kind TEXT NOT NULL, participant TEXT NOT NULL, since TEXT NOT NULL, status TEXT NOT NULL, until TEXT,
            evidence TEXT NOT NULL,
            PRIMARY KEY (kind, participant, since)
        ) WITHOUT ROWID;
        CREATE TABLE offer (
            id TEXT PRIMARY KEY NOT NULL, provider TEXT NOT NULL REFERENCES provider (id),
            metro TEXT NOT NULL REFERENCES metro (id), document TEXT NOT NULL, listed INTEGER NOT NULL
        );
        CREATE INDEX offerByProvider ON offer (provider);
        CREATE INDEX offerByMetro ON offer (metro);
        CREATE TABLE exchangeRate (
            base TEXT NOT NULL, quote TEXT NOT NULL, date TEXT NOT NULL, rate TEXT NOT NULL, kind TEXT NOT NULL,
            source TEXT NOT NULL, retrieved TEXT NOT NULL,
            PRIMARY KEY (base, quote, date)
        ) WITHOUT ROWID;

        """

    /// What users did and what was measured. The keys are the order in which training reads.
    private static let events = """
        CREATE TABLE interaction (
            time INTEGER NOT NULL, user TEXT NOT NULL, offer TEXT NOT NULL REFERENCES offer (id), kind TEXT NOT NULL,
            PRIMARY KEY (time, user, offer, kind)
        ) WITHOUT ROWID;
        CREATE INDEX interactionByUser ON interaction (user, time);
        CREATE TABLE measurement (
            time INTEGER NOT NULL, region TEXT NOT NULL REFERENCES readerRegion (id),
            offer TEXT NOT NULL REFERENCES offer (id), metric TEXT NOT NULL, value REAL NOT NULL,
            PRIMARY KEY (time, region, offer, metric)
        ) WITHOUT ROWID;

        """

    /// What the marketplace itself wrote down.
    private static let records = """
        CREATE TABLE quote (
            id TEXT PRIMARY KEY NOT NULL, user TEXT NOT NULL, createdAt INTEGER NOT NULL, expiresAt INTEGER NOT NULL,
            status TEXT NOT NULL, inputHash TEXT NOT NULL, document TEXT NOT NULL
        );
        CREATE INDEX quoteByUser ON quote (user, createdAt);
        CREATE INDEX quoteByExpiry ON quote (status, expiresAt);
        CREATE TABLE importLog (
            id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, document TEXT NOT NULL, rows INTEGER NOT NULL,
            added INTEGER NOT NULL, replaced INTEGER NOT NULL, removed INTEGER NOT NULL, fingerprint TEXT NOT NULL,
            time INTEGER NOT NULL
        );
        CREATE INDEX importLogByKind ON importLog (kind, id);

        """
}
