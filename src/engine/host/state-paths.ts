/** Where lvslab keeps what it must remember on a host. */
export interface StatePaths {
  /** The journal; survives a reboot. */
  readonly stateDir: string;
  /** The lock; a reboot forgets it. */
  readonly runtimeDir: string;
  /** Where systemd reads units from at boot. */
  readonly unitDir: string;
}

/** Where that is on every real host. */
export const statePaths: StatePaths = {
  stateDir: '/var/lib/lvslab',
  runtimeDir: '/run/lvslab',
  unitDir: '/etc/systemd/system',
};
