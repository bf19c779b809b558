if target=$(readlink -f -- /the/path); then rm -f -- "$target"; fi
