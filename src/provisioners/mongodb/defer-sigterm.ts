/** Exit code of a process that SIGTERM ended. */
const TERMINATED = 143;

let sections = 0;
let isAsked = false;

/** Ends the process on SIGTERM: at once, or after the section that must not be cut in two. */
export function endOnSigterm(): void {
  process.on('SIGTERM', () => {
    if (sections === 0) process.exit(TERMINATED);
    isAsked = true;
  });
}

/** Runs the work to its end even if SIGTERM comes: what begins with a new password ends with writing it down. */
export async function deferSigterm<T>(work: () => Promise<T>): Promise<T> {
  sections += 1;
  try {
    return await work();
  } finally {
    sections -= 1;
    if (isAsked && sections === 0) process.exit(TERMINATED);
  }
}
