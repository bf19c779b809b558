import { type Secret } from '../../engine/model/secret.ts';

/** How one host of the inventory is reached and entered; what is not set is left to OpenSSH's own configuration. */
export interface ConnectionSettings {
  /** The inventory name. */
  readonly host: string;
  readonly address: string;
  readonly port?: number;
  readonly user?: string;
  readonly privateKeyFile?: string;
  /** For the login, where no key is accepted. */
  readonly password?: Secret;
  /** Ansible's ansible_ssh_common_args and ansible_ssh_extra_args: options of ssh as one string of shell words. */
  readonly commonArgs?: string;
  /** Become root by sudo where the login user is not root. */
  readonly become: boolean;
  readonly becomePassword?: Secret;
  /** Goes before what ssh's own configuration says. */
  readonly hostKeyChecking?: 'yes' | 'accept-new' | 'ask';
  /** The agent's socket (SSH_AUTH_SOCK). */
  readonly identityAgent?: string;
  /** The home folder of the person at the controller. */
  readonly home: string;
}
