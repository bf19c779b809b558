import { lines, type Script, sh } from '../../../engine/model/shell/script.ts';
import { listChanges } from '../../field-changes.ts';
import { isLeased, routeWords } from '../routes.ts';
import { type InterfaceRuntime } from './interface-runtime.ts';

/** Fifths of a second in which the one who configures the NIC has to have done so. */
const MOST_TRIES = 150;
/** The same where it may be that nothing that the NIC had was from its files: its owner has just said that it is through with them. */
const TRIES_FOR_BEFORE = 15;

/**
 * Shell for a NIC that somebody has just configured by its files: waits until it has what it was to get, puts back what others
 * had added by hand, and takes away what has no place in the files any more and was left.
 * @param isGoingBack whether this is what the NIC had before lvslab: its files need not have said so. They may have been cut off,
 * or edited since the boot; what nobody gives then is put there by hand.
 */
export function settleRuntime(
  device: string,
  from: InterfaceRuntime,
  to: InterfaceRuntime,
  { isGoingBack = false }: { readonly isGoingBack?: boolean } = {},
): Script {
  const addresses = listChanges(from.addresses, to.addresses);
  // A lease goes with what asked for it, and comes with what asks for it.
  const [{ leased = [] }, { leased: askedFor = [] }] = [from, to];
  const kept = to.addresses.filter(
    (address) => from.addresses.includes(address) && !leased.includes(address),
  );
  const routes = listChanges(from.defaultRoutes, to.defaultRoutes);
  const has = (address: string) =>
    sh`ip -o -4 addr show dev ${device} | grep -Fq -- ${` inet ${address} `}`;
  const add = (address: string) => sh`ip addr add ${address} brd + dev ${device}`;
  const isLeft = (route: string) =>
    sh`ip -o -4 route show default | sed 's/ *$//' | grep -Fqx -- ${route.trim()}`;
  return lines(
    to.up && !from.up ? sh`ip link set dev ${device} up` : undefined,
    ...[...addresses.gained, ...kept.filter((address) => askedFor.includes(address))].map(
      (address) =>
        waitFor(has(address), `${device} did not get ${address}`, {
          byHand: isGoingBack && !askedFor.includes(address) ? add(address) : undefined,
        }),
    ),
    // It may come between the look and the attempt.
    ...kept.map((address) => sh`${has(address)} || ${add(address)} || ${has(address)}`),
    ...addresses.lost.map(
      (address) => sh`if ${has(address)}; then ip addr del ${address} dev ${device}; fi`,
    ),
    ...routes.gained.map((route) => {
      const words = /^default via \S+ dev \S+/.exec(route)?.[0] ?? route;
      return waitFor(
        sh`ip -o -4 route show default | grep -Fq -- ${words}`,
        `there is no '${words}'`,
        {
          byHand:
            isGoingBack && !isLeased(route) ? sh`ip route append ${routeWords(route)}` : undefined,
        },
      );
    }),
    ...routes.lost.map(
      (route) => sh`if ${isLeft(route)}; then ip route del ${route.trim().split(/\s+/)}; fi`,
    ),
    from.up && !to.up ? sh`ip link set dev ${device} down` : undefined,
  );
}

/** @param byHand what brings it where nobody else does. */
function waitFor(
  condition: Script,
  failure: string,
  { byHand }: { readonly byHand: Script | undefined },
): Script {
  const fail = sh`{ echo ${failure} >&2; exit 1; }`;
  return sh`
    tries=0
    until ${condition}; do
      tries=$((tries + 1))
      if [ "$tries" -gt ${byHand === undefined ? MOST_TRIES : TRIES_FOR_BEFORE} ]; then
        ${byHand === undefined ? fail : sh`${byHand} || ${condition} || ${fail}`}
        break
      fi
      sleep 0.2
    done
  `;
}
