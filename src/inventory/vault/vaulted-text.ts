/** How a text begins that ansible-vault has encrypted. */
const HEADER = '$ANSIBLE_VAULT;';

/** A value that is written encrypted, as `!vault |` and what `ansible-vault encrypt_string` printed. */
export class VaultedText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** What messages say in its place. */
  toJSON(): string {
    return 'an encrypted value';
  }
}

/** Whether a text, as of a file, is an encrypted one. */
export function isVaulted(text: string): boolean {
  return text.startsWith(HEADER);
}
