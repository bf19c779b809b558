(
target=$(readlink -f -- /the/path) || { echo 'the folder of /the/path is missing' >&2; exit 1; }
folder=${target%/*}/
temp=$folder.${target##*/}.lvslab
note=${lvslab_unfinished-}
trap 'rm -f -- "$temp" "${note:-$temp}"' EXIT
[ -z "$note" ] || ln -sfn -- "$temp" "$note"
rm -f -- "$temp"
(umask 077; : >"$temp")
if [ -e "$target" ]; then
  cp --attributes-only --preserve=all -- "$target" "$temp"
fi
{
the-producer
} >"$temp"
chown the-owner:the-group "$temp"; chmod 0123 "$temp"
sync "$temp"
[ -z "${lvslab_written-}" ] || sha256sum <"$temp" | cut -c 1-64 >>"$lvslab_written"
mv -f -- "$temp" "$target"
sync "$folder"
)
