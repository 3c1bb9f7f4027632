"""The headers of every answer: what a browser may do with a page of ours, and what a page elsewhere may do with it."""

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture",
            "encrypted-media", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer",
            "microphone", "midi", "payment", "publickey-credentials-get", "screen-wake-lock", "serial", "usb",
            "xr-spatial-tracking",
        )
    ),
}  # fmt: skip
# Two years. Not for subdomains: they may be somebody else's.
_TRANSPORT = ("Strict-Transport-Security", "max-age=63072000")


def raw_headers(*, is_https: bool) -> list[tuple[bytes, bytes]]:
    named = [*SECURITY_HEADERS.items(), *([_TRANSPORT] if is_https else [])]
    return [(name.lower().encode(), value.encode()) for name, value in named]
