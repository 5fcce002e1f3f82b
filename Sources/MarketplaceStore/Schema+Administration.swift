extension Schema {
    /// What the operator administers: suspensions and standings of certified participants, and how SLAs were settled.
    ///
    /// Standings and settlements are only ever added to; of a suspension only the end is filled in.
    static let administration = """
        CREATE TABLE suspension (
            kind TEXT NOT NULL, participant TEXT NOT NULL, number INTEGER NOT NULL, since INTEGER NOT NULL,
            reason TEXT NOT NULL, actor TEXT NOT NULL, lifted INTEGER, liftReason TEXT, liftActor TEXT,
            PRIMARY KEY (kind, participant, number)
        ) WITHOUT ROWID;
        CREATE UNIQUE INDEX suspensionInForce ON suspension (kind, participant) WHERE lifted IS NULL;
        CREATE TABLE standing (
            kind TEXT NOT NULL, participant TEXT NOT NULL, number INTEGER NOT NULL, time INTEGER NOT NULL,
            actor TEXT NOT NULL, subscriptionUntil TEXT, asset TEXT, stake TEXT, minimumStake TEXT,
            PRIMARY KEY (kind, participant, number)
        ) WITHOUT ROWID;
        CREATE TABLE settlementReport (
            quote TEXT NOT NULL REFERENCES quote (id), offer TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
            document TEXT NOT NULL, time INTEGER NOT NULL, actor TEXT NOT NULL,
            PRIMARY KEY (quote, offer, start)
        ) WITHOUT ROWID;
        CREATE TRIGGER suspensionStays BEFORE UPDATE ON suspension WHEN OLD.lifted IS NOT NULL
            BEGIN SELECT RAISE(ABORT, 'a suspension that was lifted never changes'); END;
        CREATE TRIGGER suspensionRemains BEFORE DELETE ON suspension
            BEGIN SELECT RAISE(ABORT, 'a suspension is lifted, not deleted'); END;
        CREATE TRIGGER standingStays BEFORE UPDATE ON standing BEGIN SELECT RAISE(ABORT, 'a standing never changes'); END;
        CREATE TRIGGER settlementStays BEFORE UPDATE ON settlementReport
            BEGIN SELECT RAISE(ABORT, 'a settlement never changes'); END;
        CREATE TRIGGER settlementRemains BEFORE DELETE ON settlementReport
            BEGIN SELECT RAISE(ABORT, 'a settlement is never deleted'); END;

        """
}
