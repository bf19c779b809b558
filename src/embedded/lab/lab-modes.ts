/** The modes that the networks of a lab can be made for, as `lvs_mode` calls them. */
export const labModes = ['nat', 'dr', 'tun'] as const;

export type LabMode = (typeof labModes)[number];

/** Where no other is asked for. */
export const defaultMode = 'nat' satisfies LabMode;

/** Whether the machine itself stands between the two networks as a router, past which only LVS-NAT must not lead. */
export function isRouted(mode: LabMode | undefined = defaultMode): boolean {
  return mode !== 'nat';
}
