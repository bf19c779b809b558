import { type ProblemList } from '../../inventory/problem-list.ts';
import { type LvsMode } from '../../inventory/variables/value-schemas.ts';
import { type ForwardingMethod } from '../../ipvs/virtual-service.ts';
import { type LabDraft } from '../lab-draft.ts';

export { type LvsMode };

/** A setting of a host's kernel that a mode does not work without. */
export interface KernelSetting {
  /** 'net.ipv4.ip_forward'. */
  readonly key: string;
  readonly value: string;
  /** What the setting makes of the host, after its name: 'forwards packets'. */
  readonly claim: string;
  /** What happens without it. */
  readonly otherwise: string;
  /** Of a device that comes with a kernel module: the module's resource. Not set where every kernel has the setting. */
  readonly comesWith?: string;
  /** What takes the condition away, and how requests fare then; not set, it is 0, and they may be answered all the same. */
  readonly spoiled?: {
    readonly value: string;
    /** A setting that outdoes this one, and the value with which it does. */
    readonly unless: { readonly key: string; readonly value: string };
  };
}

/** Which way a real server's replies to a client must go first. */
interface ReplyRoute {
  /** After the server's name: 'replies through the director'. */
  readonly claim: string;
  /** What `isRight` is content with. */
  readonly expected: (dip: string) => string;
  /** @param nextHop IPv4 dotted; undefined where the client is on-link. */
  readonly isRight: (nextHop: string | undefined, dip: string) => boolean;
  /** What happens where it is another way. */
  readonly otherwise: string;
}

/** What is seen of traffic where a mode works. */
interface TrafficSigns {
  /** Whether IPVS sees the replies, and counts them as OutPkts. */
  readonly replies: 'counted' | 'unseen';
  /** Why the count of replies is another one. */
  readonly repliesOtherwise: string;
  /** Why requests that are larger than a packet may be lost where small ones are not; not set where packets pass as they are. */
  readonly largeOtherwise?: string;
}

/** The device on which the real servers have the VIP. */
export type VipDevice = 'lo' | 'tunl0';

/** A way of handing packets on: what it asks of a lab, what its hosts need for it, and what is seen where it works. */
export interface Mode {
  readonly name: LvsMode;
  /** For people: 'LVS-NAT'. */
  readonly title: string;
  /** How the servers of a service stand in the director's table. */
  readonly method: ForwardingMethod;
  /** Whether a real server may listen on another port than that of the service. */
  readonly mapsPorts: boolean;
  /** Reports what makes this lab one that the mode can't work in, and what would happen. */
  readonly check: (draft: LabDraft, problems: ProblemList) => void;
  /**
   * The default gateway that a real server needs, IPv4 dotted; undefined where it keeps the one it has.
   * @param given what `lvs_gateway` says.
   */
  readonly gatewayFor: (dip: string, given: string | undefined) => string | undefined;
  readonly directorSettings: readonly KernelSetting[];
  readonly realServerSettings: readonly KernelSetting[];
  /** Whether one NIC of the director may face both the clients and the real servers; the VIP is on its loopback device then. */
  readonly oneNic: boolean;
  /** Which address the real servers are asked at: their own one, or the VIP, which all of them have then, for themselves. */
  readonly askedAt: 'rip' | 'vip';
  /** Where the real servers have the VIP; not set where they have not got it. */
  readonly vipDevice?: VipDevice;
  /** Completes "the way back …". */
  readonly wayBack: string;
  readonly replyRoute: ReplyRoute;
  readonly traffic: TrafficSigns;
}
