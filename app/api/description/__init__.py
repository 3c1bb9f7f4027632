"""The API's description of itself: an OpenAPI document, and a page that is rendered from it."""
