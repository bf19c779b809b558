import { styleText } from 'node:util';

/** How text is marked on its way to the screen; without colour every function gives its text back as it is. */
export interface Palette {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

/** The palette for a screen with or without colour; whether there is colour is the caller's decision alone. */
export function createPalette(color: boolean): Palette {
  const style =
    (format: keyof Palette) =>
    (text: string): string =>
      color ? styleText(format, text, { validateStream: false }) : text;
  return {
    bold: style('bold'),
    dim: style('dim'),
    red: style('red'),
    green: style('green'),
    yellow: style('yellow'),
    cyan: style('cyan'),
  };
}
