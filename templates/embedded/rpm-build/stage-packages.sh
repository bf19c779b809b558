# Sourced by the %install sections: fills the build root, and writes for each package the list of its files.
# Needs $lists and $debs, both folders.
# shellcheck shell=bash
# shellcheck disable=SC2154 # those two come from the one that sources this

# The package NAME gets the contents of .deb packages that are not installed.
stage_debs() { # name deb…
  local name=$1 deb tree
  shift
  tree=$(mktemp -d)
  for deb; do dpkg-deb -x "$(only_one "$debs/$deb"_*.deb)" "$tree"; done
  # Debian's settings are not EL7's; the spec file brings those that matter.
  rm -rf "$tree"/usr/share/{doc,info,lintian,locale,man} "${tree:?}/etc"
  follow_merged_usr "$tree"
  (cd "$tree" && find . -mindepth 1 -printf '%y /%P\n') | list_files >>"$lists/$name"
  # Packages may share a folder, so trees are poured into one another.
  cp -al "$tree/." "$RPM_BUILD_ROOT/"
  rm -rf "$tree"
}

# The package NAME gets the files of Debian packages that are installed; not their settings, some of which go.
stage_installed() { # name package…
  local name=$1
  shift
  dpkg-query -L "$@" | sed -E '/^\/etc\//d; s#^/(bin|sbin|lib|lib64)/#/usr/\1/#' | sort -u | stage_files "$name"
}

# The package NAME gets the files of this system whose paths stand on stdin, one a line.
stage_files() { # name
  local path
  while read -r path; do
    if [[ -L $path || -f $path ]]; then echo "$path"; fi
  done >"$lists/paths"
  (cd / && sed 's#^/##' "$lists/paths" | xargs -d '\n' cp -al --parents -t "$RPM_BUILD_ROOT")
  sed 's/.*/"&"/' "$lists/paths" >>"$lists/$1"
}

only_one() {
  if (($# != 1)) || ! [[ -f $1 ]]; then
    echo "expected one file, found: $*" >&2
    exit 1
  fi
  echo "$1"
}

# /bin, /sbin and /lib* are symbolic links, which packages must not replace by folders.
follow_merged_usr() { # tree
  local folder
  for folder in bin sbin lib lib64; do
    [[ -d $1/$folder ]] || continue
    mkdir -p "$1/usr/$folder"
    cp -al "$1/$folder/." "$1/usr/$folder/"
    rm -r "${1:?}/$folder"
  done
}

# 'type path' lines to a %files list; a folder that the system has already belongs to nobody's package.
list_files() {
  local type path
  while read -r type path; do
    if [[ $type != d ]]; then
      echo "\"$path\""
    elif [[ ! -d $path ]]; then
      echo "%dir \"$path\""
    fi
  done
}
