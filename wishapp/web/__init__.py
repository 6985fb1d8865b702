"""The Flask shelf: guards, forms, errors, languages, security headers. Knows no capability; slices build on it."""
