extension Schemas {
    /// SLAs and what is recorded of them.
    static let records = #"""
        {
        "SLA": {
            "description": "An accepted quote.", "type": "object",
            "required": [
                "id", "state", "acceptedAt", "start", "end", "total", "asset", "terms", "holds", "history"
            ],
            "additionalProperties": false,
            "properties": {
                "id": {"type": "string"}, "state": {"$ref": "#/components/schemas/QuoteState"},
                "acceptedAt": {"$ref": "#/components/schemas/Time"}, "start": {"$ref": "#/components/schemas/Day"},
                "end": {"$ref": "#/components/schemas/Day"}, "total": {"$ref": "#/components/schemas/Money"},
                "asset": {"$ref": "#/components/schemas/Asset"}, "terms": {"$ref": "#/components/schemas/Terms"},
                "holds": {
                    "description": "What it holds until its end.", "type": "object",
                    "required": ["capacity", "credits"], "additionalProperties": false,
                    "properties": {
                        "capacity": {
                            "type": "array",
                            "items": {
                                "type": "object", "required": ["offer", "bytes"], "additionalProperties": false,
                                "properties": {"offer": {"type": "string"}, "bytes": {"type": "integer", "minimum": 0}}
                            }
                        },
                        "credits": {
                            "type": "array",
                            "items": {
                                "type": "object", "required": ["provider", "amount", "asset"],
                                "additionalProperties": false,
                                "properties": {
                                    "provider": {"type": "string"}, "amount": {"$ref": "#/components/schemas/Money"},
                                    "asset": {"$ref": "#/components/schemas/Asset"}
                                }
                            }
                        }
                    }
                },
                "history": {"$ref": "#/components/schemas/History"}
            }
        },
        "RecordedMeasurements": {
            "type": "object", "required": ["recorded", "known"], "additionalProperties": false,
            "properties": {
                "recorded": {"description": "How many were new.", "type": "integer", "minimum": 0},
                "known": {"description": "How many were kept before.", "type": "integer", "minimum": 0}
            }
        }
        }
        """#
}
