extension Schema {
    /// What tells in a moment whether anything has changed that a ranking goes by: how often a user's interactions and
    /// the held capacities have changed. Triggers count, so that no way of writing is forgotten.
    static let revisions = """
        CREATE TABLE revision (subject TEXT PRIMARY KEY NOT NULL, number INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO revision (subject, number) SELECT 'user ' || user, COUNT(*) FROM interaction GROUP BY user;
        INSERT INTO revision (subject, number) SELECT 'capacity', COUNT(*) FROM capacityHold;
        CREATE TRIGGER interactionAdded AFTER INSERT ON interaction BEGIN
            INSERT INTO revision (subject, number) VALUES ('user ' || NEW.user, 1)
            ON CONFLICT (subject) DO UPDATE SET number = number + 1;
        END;
        CREATE TRIGGER interactionRemoved AFTER DELETE ON interaction BEGIN
            INSERT INTO revision (subject, number) VALUES ('user ' || OLD.user, 1)
            ON CONFLICT (subject) DO UPDATE SET number = number + 1;
        END;
        CREATE TRIGGER capacityHeld AFTER INSERT ON capacityHold BEGIN
            UPDATE revision SET number = number + 1 WHERE subject = 'capacity';
        END;
        CREATE TRIGGER capacityChanged AFTER UPDATE ON capacityHold BEGIN
            UPDATE revision SET number = number + 1 WHERE subject = 'capacity';
        END;

        """

    /// Which provider a key speaks for, and what providers tell of their costs.
    static let providerKeys = """
        ALTER TABLE apiKey ADD COLUMN provider TEXT REFERENCES provider (id);
        CREATE TABLE providerCosts (
            provider TEXT PRIMARY KEY NOT NULL REFERENCES provider (id), document TEXT NOT NULL, time INTEGER NOT NULL
        ) WITHOUT ROWID;

        """
}
