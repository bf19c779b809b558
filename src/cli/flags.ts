/** What every command that works with an inventory takes. */
export interface LabFlags {
  readonly inventory: string;
  readonly extraVars: readonly string[];
  readonly limit?: string;
  readonly playbook?: string;
}

/** What every command that changes hosts takes. */
export interface ChangeFlags {
  readonly yes?: boolean;
  /** Seconds. */
  readonly wait?: number;
}

/** How a command shows what it does. */
export interface OutputFlags {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** Which embedded lab a command is about. */
export interface EmbeddedFlags {
  readonly name: string;
  readonly flavour: 'debian' | 'el7';
  readonly accelerator: 'auto' | 'kvm' | 'tcg';
}
