"""Holds the canonical JSON of random documents against the PyPI package rfc8785.

FLASHBACK_CANONICAL_OUT=/tmp/canonical swift test --filter CanonicalPeerTests.documentsForAPeer
python3 check_canonical.py /tmp/canonical/canonical.txt
"""
import base64
import json
import sys

import rfc8785


def number(text):
    # The scheme reads every number as a double; so does ECMAScript.
    return float(text)


count = 0
with open(sys.argv[1]) as lines:
    for line in lines:
        document, canonical = (base64.b64decode(part) for part in line.split())
        value = json.loads(document, parse_int=number)
        expected = rfc8785.dumps(value)
        assert expected == canonical, f"document {count}: {document!r}\n{expected!r}\n{canonical!r}"
        count += 1
print(f"{count} documents equal")
