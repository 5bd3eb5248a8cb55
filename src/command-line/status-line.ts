import { styleText } from 'node:util';

/** Columns of a terminal that does not say how many it has. */
const WIDTH = 80;
const REDRAW_MS = 1_000;
/** Begins the line again, and empties it. */
const ERASE = '\r\u001b[2K';

/** A terminal, or a part of what one is. */
export interface Screen extends NodeJS.WritableStream {
  readonly columns?: number;
}

/** The last line of a terminal, which says what is being done, rewritten in place until it has ended. */
export class StatusLine {
  readonly #screen: Screen;
  /** What is being done, and since when, in milliseconds of the process. */
  readonly #open = new Map<string, number>();
  #news = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  begin(title: string): void {
    this.#open.set(title, performance.now());
    this.#news = '';
    this.#timer ??= setInterval(() => this.draw(), REDRAW_MS).unref();
    this.draw();
  }

  /** The newest news of what is being done. */
  report(line: string): void {
    this.#news = line.trim().split('\n').at(-1) ?? '';
    this.draw();
  }

  end(title: string): void {
    this.#open.delete(title);
    this.#news = '';
    if (this.#open.size === 0) this.stop();
    else this.draw();
  }

  /** Empties the line, so that another can be written in its place. */
  erase(): void {
    if (this.#open.size > 0) this.#screen.write(ERASE);
  }

  draw(): void {
    const [first] = this.#open;
    if (first === undefined) return;
    const [title, startedAt] = first;
    const seconds = Math.floor((performance.now() - startedAt) / 1_000);
    const what = this.#open.size === 1 ? title : `${this.#open.size} under way`;
    const width = (this.#screen.columns || WIDTH) - 1;
    const text = [`▸ ${what}, ${seconds} s`, this.#news].filter((part) => part !== '').join(': ');
    // Where there is not room for both, the news are what an operator waits for.
    const fitting = [...text].length > width && this.#news !== '' ? `▸ ${seconds} s: ${this.#news}` : text;
    const line = [...fitting].slice(0, width).join('');
    this.#screen.write(ERASE + styleText('cyan', line, { stream: this.#screen }));
  }

  /** Leaves the terminal as if there had been no such line. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#open.clear();
    this.#screen.write(ERASE);
  }
}
