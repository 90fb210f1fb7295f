"""Files by URL, through fsspec (extra "fsspec").

`remote` reads and writes them, `local_urls` finds the local file behind a `file:` URL or a chain,
and `url_secrets` keeps passwords and tokens out of messages.
"""
