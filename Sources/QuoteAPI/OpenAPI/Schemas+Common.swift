extension Schemas {
    /// What many bodies are made of.
    static let common = #"""
        {
        "Nothing": {
            "description": "Nothing to say.", "type": "object", "additionalProperties": false
        },
        "Decimal": {
            "description": "An exact decimal: plain digits, at most 18 on either side of the point.",
            "type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$", "maxLength": 40
        },
        "Money": {
            "description": "An amount of money as a decimal with at most the asset's digits after the point.",
            "type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$", "maxLength": 60
        },
        "Integer": {
            "description": "A whole number of the contract, which may exceed what a double holds.",
            "type": "string", "pattern": "^-?[0-9]+$", "maxLength": 40
        },
        "Day": {
            "description": "A day, UTC.", "type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
        },
        "Time": {
            "description": "A time, UTC, to the second.", "type": "string", "format": "date-time",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"
        },
        "MoneyOfAsset": {
            "type": "object", "required": ["amount", "asset"], "additionalProperties": false,
            "properties": {
                "amount": {"$ref": "#/components/schemas/Money"}, "asset": {"$ref": "#/components/schemas/Asset"},
                "network": {"type": "string"}, "issuer": {"type": "string"}
            }
        },
        "Problem": {
            "description": "What went wrong (RFC 9457).", "type": "object", "required": ["type", "title", "status"],
            "properties": {
                "type": {"description": "Stable; decide by it.", "type": "string", "format": "uri"},
                "title": {"type": "string"}, "status": {"type": "integer", "minimum": 400, "maximum": 599},
                "detail": {"type": "string"},
                "errors": {
                    "description": "Every fault of the body or the query.", "type": "array", "minItems": 1,
                    "items": {
                        "type": "object", "required": ["detail"], "additionalProperties": false,
                        "properties": {
                            "pointer": {
                                "description": "A JSON pointer, or the line of a table and its column.", "type": "string"
                            },
                            "parameter": {"description": "The name of a query parameter.", "type": "string"},
                            "detail": {"type": "string"}, "remedy": {"type": "string"}
                        }
                    }
                },
                "answer": {"description": "Whether it is proven that no allocation exists.", "type": "string"},
                "conflict": {
                    "description": "Demands that exclude one another.", "type": "array",
                    "items": {
                        "type": "object", "required": ["constraint", "pointer"], "additionalProperties": false,
                        "properties": {
                            "constraint": {"type": "string"}, "pointer": {"type": "string"},
                            "remedy": {"type": ["string", "null"]}
                        }
                    }
                },
                "alternatives": {
                    "description": "Single changes that would do.", "type": "array", "items": {"type": "string"}
                },
                "pins": {"$ref": "#/components/schemas/Pins"}
            }
        },
        "KeySet": {
            "description": "A JSON Web Key Set (RFC 7517).", "type": "object", "required": ["keys"],
            "properties": {
                "keys": {
                    "type": "array",
                    "items": {
                        "type": "object", "required": ["kty", "crv", "x", "kid"],
                        "properties": {
                            "kty": {"const": "OKP"}, "crv": {"const": "Ed25519"}, "x": {"type": "string"},
                            "kid": {"type": "string"}
                        }
                    }
                }
            }
        },
        "Description": {
            "description": "An OpenAPI document.", "type": "object", "required": ["openapi", "info", "paths"],
            "properties": {
                "openapi": {"type": "string", "pattern": "^3\\.1\\."}, "info": {"type": "object"},
                "paths": {"type": "object"}
            }
        }
        }
        """#
}
