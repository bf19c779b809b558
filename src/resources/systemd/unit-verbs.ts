import { type Script, sh } from '../../engine/model/shell/script.ts';

/** `systemctl VERB UNIT`, which shows what the unit said when it fails. */
export function unitVerb(verb: 'start' | 'stop' | 'restart', unit: string): Script {
  return sh`systemctl ${verb} ${unit} || { systemctl status --no-pager --full ${unit} || :; exit 1; }`;
}

/** The drop-in that takes a unit's commands away for a moment; lies in /run, so no boot sees it. */
export function quietDropIn(unit: string): string {
  return `/run/systemd/system/${unit}.d/lvslab-quiet.conf`;
}

/**
 * Starts or stops a unit for systemd's book-keeping alone: none of its commands run. `ipvsadm.service` empties the live
 * table when it starts and overwrites the rules file when it stops.
 */
export function quietUnitVerb(verb: 'start' | 'stop', unit: string): Script {
  const file = quietDropIn(unit);
  const noCommands = [
    '[Service]',
    ...['ExecStartPre=', 'ExecStart=', 'ExecStart=/bin/true', 'ExecStartPost='],
    ...['ExecStop=', 'ExecStopPost='],
  ];
  return sh`
    mkdir -p ${folderOf(file)}
    printf '%s\n' ${noCommands} >${file}
    (
    trap ${removeQuietDropIn(unit).text} EXIT
    systemctl daemon-reload
    ${unitVerb(verb, unit)}
    )
  `;
}

/** Gives a unit its commands back. */
export function removeQuietDropIn(unit: string): Script {
  const file = quietDropIn(unit);
  return sh`
    rm -f -- ${file}
    rmdir -- ${folderOf(file)} 2>/dev/null || :
    systemctl daemon-reload
  `;
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/'));
}
