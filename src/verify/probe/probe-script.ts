import { SEARCH_PATH } from '../../engine/host/observe.ts';
import { type Script, sh } from '../../engine/model/shell/script.ts';

/** What a probe asks, and how often. */
export interface ProbeOrder {
  /** 'http://192.168.4.133/' without anything secret in it: other users of the client may see it. */
  readonly url: string;
  /** 'telnet://192.168.4.133:80': where connections are held open. */
  readonly heldUrl: string;
  /** Milliseconds between the planned starts of two requests; 20–10000. */
  readonly intervalMs: number;
  /** How many connections are held open. */
  readonly held: number;
  /** Whether a connection that broke is made anew. */
  readonly renews: boolean;
  /** A word that no output of the client contains by chance. */
  readonly nonce: string;
  /** The client ends it by itself after so many seconds, should the controller vanish. */
  readonly limitSeconds: number;
}

/** What the script exits with where there is no curl. */
export const NO_CURL = 127;
/** A request that takes longer is lost: whoever waits so long has gone. */
export const REQUEST_SECONDS = 5;
/** A held connection asks again after so many seconds; within what servers keep an idle connection for. */
const HELD_PAUSE_SECONDS = 1;
/** What held connections get to end in, once all is over. */
const END_SECONDS = 4;
/** nginx ends a connection after 100 requests unless it is told otherwise; this end does so before. */
const REQUESTS_OF_CONNECTION = 80;

/**
 * Shell that begins a request at each planned moment, whether the ones before have ended or not, and holds connections
 * open beside them, until it is told to stop. It prints a line for each request that ends, and for all that becomes of
 * a held connection, with the time in nanoseconds since 1970. While it is paused, nothing is sent.
 *
 * The held connections are curl's telnet, the only way to say something now and then over one connection that every curl
 * has: what is asked comes from a pipe.
 */
export function probeScript({
  url,
  heldUrl,
  intervalMs,
  held,
  renews,
  nonce,
  limitSeconds,
}: ProbeOrder): Script {
  return sh`
    export LC_ALL=C PATH=${SEARCH_PATH}
    command -v curl >/dev/null || exit ${NO_CURL}
    case $(date +%s%N) in
      *[!0-9]*) echo 'its date tells no fractions of a second' >&2; exit 1 ;;
    esac
    umask 077
    dir=${folderOf(nonce)}
    mkdir "$dir" || exit 1
    end_held() {
      for file in "$dir"/curl-*; do
        [ ! -e "$file" ] || kill "$(cat "$file")" 2>/dev/null || :
      done
    }
    trap 'end_held; rm -rf "$dir"' EXIT
    trap 'exit 1' HUP INT PIPE TERM
    now() { date +%s%N; }
    request() {
      status=0
      code=$(curl ${requestArguments(url)} </dev/null) || status=$?
      printf 'request %s %s %s %s\n' "$1" "$(now)" "$status" "$code"
    }
    is_over() { [ -e "$dir/stop" ] || [ ! -d "$dir" ]; }
    until_resumed() {
      while [ -e "$dir/pause" ] && ! is_over; do sleep 0.1; done
    }
    ask_now_and_then() {
      asked=0
      while [ "$asked" -lt ${REQUESTS_OF_CONNECTION} ] && ! is_over; do
        until_resumed
        asked=$((asked + 1))
        printf 'GET / HTTP/1.1\r\nHost: lvslab\r\n\r\n'
        printf 'asked %s %s\n' "$1" "$(now)" >&3
        sleep ${HELD_PAUSE_SECONDS}
      done
      printf 'finished %s %s\n' "$1" "$(now)" >&3
      printf 'GET / HTTP/1.1\r\nHost: lvslab\r\nConnection: close\r\n\r\n'
    }
    hold() {
      while ! is_over; do
        until_resumed
        mkfifo "$dir/asks-$1" "$dir/says-$1" || break
        ask_now_and_then "$1" >"$dir/asks-$1" &
        curl ${heldArguments(heldUrl, limitSeconds)} <"$dir/asks-$1" >"$dir/says-$1" &
        echo "$!" >"$dir/curl-$1"
        while IFS= read -r line; do
          case $line in
            'HTTP/1.1 200'*) printf 'answered %s %s\n' "$1" "$(now)" >&3 ;;
          esac
        done <"$dir/says-$1"
        rm -f "$dir/asks-$1" "$dir/says-$1" "$dir/curl-$1"
        printf 'closed %s %s\n' "$1" "$(now)" >&3
        ${renews ? sh`sleep 0.2` : sh`break`}
      done
    }
    exec 3>&1
    began=$(now)
    printf 'began %s\n' "$began"
    number=0
    while [ "$number" -lt ${held} ]; do
      number=$((number + 1))
      hold "$number" &
    done
    interval=$((${intervalMs} * 1000000))
    end=$((began + ${limitSeconds} * 1000000000))
    planned=0
    while ! is_over && [ "$(now)" -lt "$end" ]; do
      if [ -e "$dir/pause" ]; then
        ## What is running has its own limit.
        while [ "$(cat "$dir"/running-* 2>/dev/null | wc -l)" -gt 0 ]; do sleep 0.05; done
        printf 'paused %s\n' "$(now)"
        until_resumed
        planned=$((($(now) - began) / interval + 1))
        printf 'resumed %s\n' "$(now)"
      fi
      left=$((began + planned * interval - $(now)))
      if [ "$left" -gt 0 ]; then
        sleep "$((left / 1000000000)).$(printf '%09d' "$((left % 1000000000))")"
      fi
      printf 'begun %s\n' "$planned"
      {
        echo >"$dir/running-$planned"
        request "$planned"
        rm -f "$dir/running-$planned"
      } &
      planned=$((planned + 1))
    done
    touch "$dir/stop"
    ## The other end of a connection may be gone, and never close it.
    patience=${END_SECONDS * 10}
    while [ "$patience" -gt 0 ] && ls "$dir"/curl-* >/dev/null 2>&1; do
      patience=$((patience - 1))
      sleep 0.1
    done
    ## What is left is ended at this end: on a busy client its turn to finish may come later than that.
    for file in "$dir"/curl-*; do
      [ ! -e "$file" ] || printf 'finished %s %s\n' "\${file##*-}" "$(now)"
    done
    end_held
    wait
    printf 'ended %s\n' "$(now)"
  `;
}

/** Shell that lets a probe pause, go on, or end. */
export function tellProbe(nonce: string, what: 'pause' | 'resume' | 'stop'): Script {
  const folder = folderOf(nonce);
  if (what === 'resume') return sh`rm -f ${`${folder}/pause`}`;
  return sh`: >${`${folder}/${what}`}`;
}

function requestArguments(url: string): readonly string[] {
  return [
    ...['-q', '--silent', '--globoff', '--noproxy', '*'],
    ...['--connect-timeout', String(REQUEST_SECONDS), '--max-time', String(REQUEST_SECONDS)],
    ...['--header', 'Connection: close', '--output', '/dev/null', '--write-out', '%{http_code}'],
    url,
  ];
}

function heldArguments(url: string, limitSeconds: number): readonly string[] {
  return [
    ...['-q', '--silent', '--no-buffer', '--noproxy', '*'],
    ...['--connect-timeout', String(REQUEST_SECONDS), '--max-time', String(limitSeconds)],
    url,
  ];
}

function folderOf(nonce: string): string {
  return `/run/lvslab-probe-${nonce}`;
}
