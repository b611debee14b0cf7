// Pages opened from a disk may not fetch each other, so their search goes without excerpts
if (location.protocol === 'file:') DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false
