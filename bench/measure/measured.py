"""Runs a command and writes what it took as JSON: measured.py FILE SECONDS COMMAND [ARGUMENT...]

Wall-clock seconds go to the end of the command itself; processor seconds are those of all of its descendants, also of such
as went into the background: they are ended here, and counted. peakKiB is the largest single process. A command that takes
longer than SECONDS is ended, and its status is then null.
"""
import ctypes
import json
import os
import signal
import subprocess
import sys
import time

PR_SET_CHILD_SUBREAPER = 36


def children():
    """The processes whose parent is this one, also those that were adopted."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                if int(file.read().rsplit(")", 1)[1].split()[1]) == os.getpid():
                    found.append(int(name))
        except (OSError, IndexError, ValueError):
            pass
    return found


def end(pids, how):
    for pid in pids:
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            pass


def reap_the_rest():
    """Ends what the command has left behind; returns how each of them has used the machine."""
    used, began = [], time.monotonic()
    while True:
        end(children(), signal.SIGTERM if time.monotonic() - began < 3 else signal.SIGKILL)
        try:
            pid, _, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return used
        if pid:
            used.append(usage)
        else:
            time.sleep(0.02)


def main(file, seconds, *command):
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    began = time.monotonic()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    too_late = []

    def stop(*_):
        too_late.append(True)
        os.killpg(child.pid, signal.SIGKILL)

    def leave(*_):
        os.killpg(child.pid, signal.SIGKILL)
        reap_the_rest()
        sys.exit(1)

    signal.signal(signal.SIGALRM, stop)
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    signal.alarm(int(seconds))
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - began
    signal.alarm(0)
    rest = reap_the_rest()
    everybody = [usage, *rest]
    with open(file, "w", encoding="utf-8") as out:
        json.dump(
            {
                "status": None if too_late else os.waitstatus_to_exitcode(status),
                "wallMs": wall * 1000,
                "cpuMs": sum(one.ru_utime + one.ru_stime for one in everybody) * 1000,
                "peakKiB": max(one.ru_maxrss for one in everybody),
            },
            out,
        )


main(*sys.argv[1:])
