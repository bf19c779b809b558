import { ROLL_BACK, unitNameOf } from './names-on-host.ts';
import { type Script, sh } from '../model/shell/script.ts';

interface BootRollback {
  /** The change, in letters, digits and dashes. */
  readonly id: string;
  /** The folder that systemd reads units from at boot. */
  readonly unitDir: string;
  /**
   * Where the script may be that rolls the change back, or goes on with what has begun to end it, when it is called with
   * `ROLL_BACK` and 'boot'.
   */
  readonly endScripts: readonly string[];
}

/**
 * Shell that has the next boot roll the change back before there is any network; nothing of it is told to the systemd
 * that runs now. Notes in the current folder what it had to make for that.
 */
export function armBootRollback({ id, unitDir, endScripts }: BootRollback): Script {
  const { unit, wants, link } = placesOf({ id, unitDir });
  return sh`
    if [ ! -d ${wants} ]; then
      : >made-wants
      mkdir -p -- ${wants}
      chmod 755 ${wants}
    fi
    printf %s ${unitText({ unit, link, endScripts })} >${unit}
    chmod 644 ${unit}
    ln -sfT -- ${unit} ${link}
    sync . ${unit} ${unitDir} ${wants}
  `;
}

/** Shell that removes what `armBootRollback` made. */
export function disarmBootRollback({ id, unitDir }: Omit<BootRollback, 'endScripts'>): Script {
  const { unit, wants, link } = placesOf({ id, unitDir });
  return sh`
    rm -f -- ${link} ${unit}
    if [ -e made-wants ]; then rmdir -- ${wants} 2>/dev/null || :; fi
    sync ${unitDir}
  `;
}

/**
 * Shell that has systemd forget the units of roll-backs that are gone. A boot, or somebody's daemon-reload, makes one known, and
 * then it is kept in mind without its file, too. While the host boots, that has to wait for what the unit holds up.
 */
export function forgetBootRollbacks(isBooting: Script): Script {
  return sh`
    if [ -n "$(timeout 30 systemctl list-units --all --no-legend --no-pager ${nameOf('*')} 2>/dev/null)" ]; then
      if ${isBooting}; then
        ## EL7's does not know the option.
        timeout 30 systemd-run --no-block systemctl daemon-reload >/dev/null 2>&1 ||
          timeout 5 systemd-run systemctl daemon-reload >/dev/null 2>&1 || :
      else
        timeout 30 systemctl daemon-reload >/dev/null 2>&1 || :
      fi
    fi
  `;
}

function nameOf(id: string): string {
  return `${unitNameOf(id)}-at-boot.service`;
}

function placesOf({ id, unitDir }: Omit<BootRollback, 'endScripts'>): {
  readonly unit: string;
  readonly wants: string;
  readonly link: string;
} {
  const name = nameOf(id);
  // Everything that has systemd's default dependencies, the network of EL7 for one, comes after this target.
  const wants = `${unitDir}/sysinit.target.wants`;
  return { unit: `${unitDir}/${name}`, wants, link: `${wants}/${name}` };
}

function unitText({
  unit,
  link,
  endScripts,
}: {
  readonly unit: string;
  readonly link: string;
  readonly endScripts: readonly string[];
}): string {
  // Without a variable, which systemd might take for one of its own.
  const act = endScripts.reduceRight(
    (otherwise, script) =>
      sh`if [ -e ${script} ]; then exec /bin/sh ${script} ${ROLL_BACK} boot; else ${otherwise}; fi`,
    sh`exec rm -f ${link} ${unit}`,
  );
  return `# Written by lvslab for the time in which a change of the network is pending; it goes with that.
[Unit]
Description=lvslab: roll back a change of the network that nobody confirmed
DefaultDependencies=no
Wants=network-pre.target
After=local-fs.target
Before=sysinit.target network-pre.target networking.service network.service NetworkManager.service systemd-networkd.service netplan-configure.service
Conflicts=shutdown.target
Before=shutdown.target

[Service]
Type=oneshot
ExecStart=/bin/sh -c "${act.text}"

[Install]
WantedBy=sysinit.target
`;
}
