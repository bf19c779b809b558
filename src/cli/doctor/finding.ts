import { type Judgement, type Table } from '../../reporters/render/render-table.ts';

/** One thing that was looked at, and what it means for the lab. */
export interface Finding {
  readonly subject: string;
  readonly judgement: Judgement;
  readonly text: string;
}

/** Findings as a table; only 'failed' ones stand in the lab's way. */
export function findingsTable(title: string, findings: readonly Finding[]): Table {
  const failed = findings.filter(({ judgement }) => judgement === 'failed').length;
  return {
    title,
    columns: ['what', 'verdict', 'finding'],
    rows: findings.map(({ subject, judgement, text }) => [subject, { judgement }, text]),
    verdict:
      failed === 0
        ? { judgement: 'ok', text: 'Nothing stands in the way.' }
        : { judgement: 'failed', text: `${failed} of ${findings.length} need attention.` },
  };
}
