"""Signatures of files, with a shared secret (HMAC-SHA256) or a pair of keys (Ed25519).

`signing` signs and checks. `keys` reads what a caller passed as a key; `key_encodings` finds keys
in PEM, DER, OpenSSH, JWK, hex and base64; `ed25519_points` tells public keys from secrets.
"""
