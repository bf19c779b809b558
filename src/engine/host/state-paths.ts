/** Where lvslab keeps what it must remember on a host. */
export interface StateFolders {
  /** The journal; survives a reboot. */
  readonly lasting: string;
  /** The lock; a reboot forgets it. */
  readonly passing: string;
  /** Where systemd reads units from at boot. */
  readonly units: string;
}

/** Where that is on every real host. */
export const stateFolders: StateFolders = {
  lasting: '/var/lib/lvslab',
  passing: '/run/lvslab',
  units: '/etc/systemd/system',
};
