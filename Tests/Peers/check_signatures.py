"""Verifies signed quotes by peers alone: PyPI's joserfc the signature, PyPI's rfc8785 the canonical text that was signed.

check_signatures.py http://127.0.0.1:8080 [KEY]     every quote that the service keeps for KEY's tenant, by its published keys
check_signatures.py quote.json jwks.json            one quote, alone or within the service's answer

Each quote must pass as it is, and fail once any one of its members, its signature's header or its key was changed.
"""
import base64
import copy
import json
import pathlib
import sys
import urllib.request
import warnings

import rfc8785
from joserfc import jwk, jws
from joserfc.errors import JoseError, SecurityWarning

# RFC 9864 names the curve in 'alg'; what signs by RFC 8037 says EdDSA.
warnings.simplefilter("ignore", SecurityWarning)


def parse(text):
    # The scheme reads every number as a double; so does ECMAScript.
    return json.loads(text, parse_int=float)


def payload(document):
    return rfc8785.dumps({name: value for name, value in document.items() if name != "signature"})


def verified(document, keys):
    """The ID of the key that signed the document; raises JoseError when none of the keys did."""
    content = payload(document)
    signature = jws.deserialize_compact(document["signature"], keys, algorithms=["EdDSA"], payload=content)
    assert set(signature.headers()) == {"alg", "kid"}, signature.headers()
    return signature.headers()["kid"]


def fails(document, keys):
    try:
        verified(document, keys)
    except JoseError:
        return True
    return False


def encode(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def forgeries(document):
    """Copies with one change each, that no key has signed."""
    for name in document:
        if name != "signature":
            changed = copy.deepcopy(document)
            changed[name] = [changed[name]]
            yield f"another '{name}'", changed
            del changed[name]
            yield f"no '{name}'", changed
    header, _, signature = document["signature"].split(".")
    kid = json.loads(base64.urlsafe_b64decode(header + "=="))["kid"]
    for alg in ("none", "HS256"):
        other = encode(json.dumps({"alg": alg, "kid": kid}).encode())
        yield f"alg {alg}", document | {"signature": f"{other}..{signature}"}
        yield f"alg {alg} without signature", document | {"signature": f"{other}.."}


def check(document, keys):
    key = verified(document, keys)
    count = 0
    for what, forged in forgeries(document):
        assert fails(forged, keys), f"{document['id']} passes with {what}"
        count += 1
    stranger = jwk.OKPKey.generate_key("Ed25519", parameters={"kid": key})
    assert fails(document, jwk.KeySet([stranger])), f"{document['id']} passes with a stranger's key"
    return key, count + 1


def get(address, token=None):
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return parse(answer.read())


def documents(url, token):
    """The signed documents of all quotes that the caller may read."""
    page = "/v1/quotes?limit=100"
    while page:
        answer = get(url + page, token)
        for quote in answer["quotes"]:
            yield get(f"{url}/v1/quotes/{quote['id']}", token)["document"]
        page = f"/v1/quotes?limit=100&cursor={answer['next']}" if answer.get("next") else None


source, *rest = sys.argv[1:]
if source.startswith("http"):
    published = get(source + "/.well-known/jwks.json")
    quotes = documents(source, rest[0] if rest else None)
else:
    published = parse(pathlib.Path(rest[0]).read_bytes())
    quote = parse(pathlib.Path(source).read_bytes())
    quotes = [quote.get("document", quote)]
assert all("d" not in key for key in published["keys"]), "the key set tells a secret"
results = [check(document, jwk.KeySet.import_key_set(published)) for document in quotes]
assert results, "there is no quote to verify"
print(f"{len(results)} quotes verified by {len({key for key, _ in results})} keys, "
      f"{sum(count for _, count in results)} forgeries refused")
