import { shortened } from '../../core/quote.ts';
import { CAUSES, type Place, type Row } from './causes.ts';
import { DELETED, SIDECAR_RUNNING, type Sign, UNTOUCHED, wordsOf } from './symptoms.ts';

/** Why a Workflow does not go on, or did not succeed. */
export interface Cause {
  /** Stable, in kebab-case. */
  readonly code: string;
  /** A few words for a title, such as `image cannot be pulled`. */
  readonly heading: string;
  /** One sentence without its full stop: what is wrong, and what Kubernetes or Argo say. */
  readonly sentence: string;
  readonly remedy: string;
}

/** A cause while the Workflow has not ended. */
export interface Problem extends Cause {
  /** Milliseconds that it must last before it is worth a word: some pass by themselves. */
  readonly patienceMs: number;
  /** What it waits for, where that may come. */
  readonly until: string | undefined;
  /** Milliseconds after which the pod is taken as one that never starts; undefined: it may. */
  readonly endsAfterMs: number | undefined;
}

/** Characters of what is quoted. */
const LONGEST_QUOTE = 600;

/** What the signs of a Workflow that has ended mean, or undefined where the table knows none of them. */
export function causeOf(symptoms: readonly Sign[], place: Place): Cause | undefined {
  return recognised(symptoms, place, CAUSES);
}

/** What holds a Workflow up that has not ended, or undefined where nothing is known to. */
export function problemOf(symptoms: readonly Sign[], place: Place): Problem | undefined {
  return recognised(
    symptoms,
    place,
    CAUSES.filter(({ atEnd }) => atEnd !== true),
  );
}

function recognised(symptoms: readonly Sign[], place: Place, rows: readonly Row[]): Problem | undefined {
  for (const row of rows) {
    const sign = symptoms.find((one) => row.says.test(wordsOf(one)));
    if (sign !== undefined) return causeFrom(row, sign, symptoms, place);
  }
  return undefined;
}

function causeFrom(row: Row, sign: Sign, symptoms: readonly Sign[], place: Place): Problem {
  const { code, heading, cause, remedy, patienceMs = 0, until, never } = row;
  const quote = quoteOf(sign);
  const sentence = quote === '' ? cause : `${cause}: ${quote}`;
  const endsAfterMs = never?.(wordsOf(sign), symptoms);
  return { code, heading, sentence, remedy: remedy(place), patienceMs, until, endsAfterMs };
}

/** The sign's own words on one line; our own reasons are no quotation. */
function quoteOf(sign: Sign): string {
  if ([UNTOUCHED, DELETED].includes(sign.reason)) return '';
  if (sign.reason === SIDECAR_RUNNING) return sign.message;
  const words = wordsOf(sign)
    .replace(/^error in entry template execution: /, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/\.$/, '');
  return shortened(words, LONGEST_QUOTE);
}
