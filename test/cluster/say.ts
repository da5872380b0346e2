/** What a run prints: a line per fact, and how many of them do not hold. */
export class Say {
  failures = 0;

  text(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  doing(what: string): void {
    process.stderr.write(`… ${what}\n`);
  }

  judge(isTrue: boolean, fact: string): void {
    if (!isTrue) this.failures++;
    this.text(`${isTrue ? 'ok    ' : 'NOT OK'} ${fact}`);
  }

  /** A fact that a text should be empty for. */
  judgeNone(wrong: string, fact: string): void {
    this.judge(wrong === '', fact);
    if (wrong !== '') this.text(wrong);
  }
}
