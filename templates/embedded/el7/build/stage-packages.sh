# Sourced by the %install sections: fills the build root, and writes for each package the list of its files.
# Needs $lists and $debs, both folders.

# The package NAME gets the contents of .deb packages that are not installed.
stage_debs() { # name deb…
  local name=$1 deb tree
  shift
  tree=$(mktemp -d)
  for deb; do dpkg-deb -x "$(only_one "$debs/$deb"_*.deb)" "$tree"; done
  rm -rf "$tree"/usr/share/{doc,info,lintian,locale,man} "$tree"/etc/{init.d,default}
  follow_merged_usr "$tree"
  (cd "$tree" && find . -mindepth 1 -printf '%y /%P\n') | list_files >>"$lists/$name"
  # Packages may share a folder, so trees are poured into one another.
  cp -al "$tree/." "$RPM_BUILD_ROOT/"
  rm -rf "$tree"
}

# The package NAME gets the files of Debian packages that are installed.
stage_installed() { # name package…
  local name=$1
  shift
  dpkg-query -L "$@" | stage_files "$name"
}

# The package NAME gets the files of this system whose paths stand on stdin, one a line.
stage_files() { # name
  local path
  while read -r path; do
    case $path in
      /etc/* | /usr/share/doc/* | *-stand-in/build/*) [[ $1 == centos-release || $1 == initscripts || $1 == yum ]] || continue ;;
    esac
    path=$(realpath -s "$(realpath "${path%/*}/")/${path##*/}")
    [[ -f $path || -L $path ]] && ! [[ -d $path && ! -L $path ]] && echo "$path"
  done | sort -u | while read -r path; do
    mkdir -p "$RPM_BUILD_ROOT${path%/*}"
    cp -al "$path" "$RPM_BUILD_ROOT$path" && echo "\"$path\""
  done >>"$lists/$1"
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
