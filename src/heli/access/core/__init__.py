"""The decision core: pure, without Django. One rule, of which every projection (check, query, explanation) is derived."""
