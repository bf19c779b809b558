import { IpvsSyntaxError } from '../ipvs-syntax-error.ts';

const HEADER_LINES = 3;

/** One service or server of a listing, in words. */
export interface ListingRow {
  /** Counted from 1. */
  readonly line: number;
  readonly words: readonly string[];
}

/**
 * The rows of /proc/net/ip_vs or `ipvsadm -L`, without the header.
 * @throws IpvsSyntaxError when the text is something else, an error message for one.
 */
export function listingRows(text: string): readonly ListingRow[] {
  const rows = text.split('\n');
  if (rows[0]?.startsWith('IP Virtual Server version') !== true) {
    throw new IpvsSyntaxError(1, 'the header of an IPVS listing is missing');
  }
  return rows
    .map((row, index) => ({
      line: index + 1,
      words: row.split(/\s+/).filter((word) => word !== ''),
    }))
    .filter(({ line, words }) => line > HEADER_LINES && words.length > 0);
}
