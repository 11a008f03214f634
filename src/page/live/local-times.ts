const LOCAL = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** Shows the times of a part of the page in the reader's time zone; the time in UTC stays as their title. */
export function showLocalTimes(part: Element): void {
  for (const element of part.querySelectorAll('time')) {
    const at = Date.parse(element.dateTime);
    if (Number.isNaN(at)) continue;
    if (element.title === '') element.title = element.textContent ?? '';
    element.textContent = LOCAL.format(at);
  }
}
