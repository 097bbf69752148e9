// @ts-check
/** Measured values beside what they may be at most. */

export function createBars() {
  /** @type {string[]} */
  const lines = [];
  let missed = 0;
  return {
    /**
     * @param {string} title
     * @param {number} value
     * @param {number} atMost
     * @param {string} unit
     * @returns {string} the line that says so
     */
    check(title, value, atMost, unit) {
      const met = value <= atMost;
      if (!met) missed += 1;
      const line = `${met ? 'met   ' : 'MISSED'}  ${title}: ${Number(value.toFixed(2))} of at most ${atMost} ${unit}`.trimEnd();
      lines.push(line);
      return line;
    },
    /** Prints all of them. @returns {0 | 1} exit code */
    conclude() {
      console.log(`\nBars:\n${lines.join('\n')}`);
      return missed === 0 ? 0 : 1;
    },
  };
}
