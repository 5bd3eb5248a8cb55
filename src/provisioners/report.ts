import { writeFileSync } from 'node:fs';
import { hintOf } from './causes.ts';
import type { Pod } from './pod.ts';
import { ProvisionerError } from './provisioner-error.ts';

/** The outcome for one resource. */
export interface Resource {
  /** In words, such as `MySQL database`. */
  readonly kind: string;
  readonly name: string;
  /** What the provisioner did with it; `absent` means that there was nothing to delete. */
  readonly state: 'created' | 'updated' | 'unchanged' | 'deleted' | 'absent';
  /** What the service does not have, so that the resource is without it. */
  readonly lacks?: readonly string[];
}

/** Exit code of a process that SIGTERM ended. */
const TERMINATED = 143;

/**
 * Runs the program of a pod and ends the process with 0 or 1, at the latest when the pod's time is up. SIGTERM ends it at
 * once, or after the part that must not be cut in two; the last line names what was under way.
 */
export async function runProgram(pod: Pod, work: () => Promise<readonly Resource[]>): Promise<never> {
  process.on('SIGTERM', () => {
    pod.log(`The pod is ended (SIGTERM)${pod.underWay()}.`);
    writeMessage(pod, undefined);
    pod.whenFree(() => void pod.end().finally(() => process.exit(TERMINATED)));
  });
  // Connections may still be open, and would keep the process.
  process.exit(await runProvisioner(pod, work));
}

/**
 * Runs a provisioner within the time of its pod. It logs a line for each resource, and as the last line JSON for the
 * action. The same JSON is the container's termination message, which the action reads where it cannot read logs.
 *
 * @returns the exit code: 0 or 1
 */
export async function runProvisioner(pod: Pod, work: () => Promise<readonly Resource[]>): Promise<0 | 1> {
  try {
    const resources = await untilDeadline(pod, work);
    const { warnings } = pod;
    const report = { launchpad: 'result', resources, ...(warnings.length > 0 ? { warnings } : {}) };
    writeMessage(pod, report);
    for (const { kind, name, state, lacks = [] } of resources)
      pod.log(`${kind} ${name}: ${[state, ...lacks.map((one) => `without ${one}`)].join(', ')}`);
    pod.log(JSON.stringify(report));
    return 0;
  } catch (thrown) {
    const { code, message, host, hint } = asProvisionerError(thrown);
    const report = { launchpad: 'error', code, message, hint, host };
    writeMessage(pod, {
      ...report,
      message: cut(message, MESSAGE_SHARE),
      hint: cut(hint, HINT_SHARE),
      host: cut(host, HOST_SHARE),
    });
    pod.log(`${message} ${hint}`.trim());
    pod.log(JSON.stringify(report));
    return 1;
  } finally {
    await pod.end();
  }
}

/** Every statement, command and call of the work is bounded here: by the time that the pod has left. */
async function untilDeadline<T>(pod: Pod, work: () => Promise<T>): Promise<T> {
  const { promise: failure, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = pod.outOfTime();
    pod.whenFree(() => reject(error));
  }, pod.remainingMs());
  // An error that a library emits, and nobody waits for.
  process.once('uncaughtException', reject);
  try {
    return await Promise.race([work(), failure]);
  } finally {
    clearTimeout(timer);
    process.off('uncaughtException', reject);
  }
}

/** An unforeseen error is named too, without its place in the bundle. */
function asProvisionerError(thrown: unknown): ProvisionerError {
  if (thrown instanceof ProvisionerError) return thrown;
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new ProvisionerError('unexpected', `Unexpected error: ${message}`, {
    host: '',
    hint: hintOf('unexpected'),
    cause: thrown,
  });
}

/** Bytes of a termination message; the kubelet drops the beginning of a longer one (`MaxContainerTerminationMessageLength`). */
const MESSAGE_BYTES = 4096;
const MESSAGE_SHARE = 2000;
const HINT_SHARE = 1000;
const HOST_SHARE = 300;

/** Writes the termination message: the JSON first, then as many of the last lines of the log as fit. */
function writeMessage({ reportFile, lines }: Pod, report: object | undefined): void {
  if (reportFile === undefined) return;
  const head = report === undefined ? '' : `${JSON.stringify(report)}\n`;
  let tail = '';
  for (const line of lines.toReversed()) {
    const longer = `${line}\n${tail}`;
    if (Buffer.byteLength(head + longer) > MESSAGE_BYTES) break;
    tail = longer;
  }
  try {
    writeFileSync(reportFile, head + tail);
  } catch {
    // The log has it all.
  }
}

/** The text, or its beginning, so that it has at most so many bytes as JSON. */
function cut(text: string, bytes: number): string {
  let kept = text;
  while (Buffer.byteLength(JSON.stringify(kept)) > bytes) kept = `${kept.slice(0, Math.floor(kept.length * 0.9) - 2)}…`;
  return kept;
}

/** Writes a line to the log of the pod. */
export function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
