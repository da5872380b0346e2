/** What differs from machine to machine, by name: the client's port, the machine's name. */
export function named(text: string, port: number, host: string): string {
  const hex = Buffer.from(host).toString('hex');
  return text
    .replaceAll(`SRV 0 0 ${port} `, 'SRV 0 0 PORT ')
    .replaceAll(`"${host}"`, '"HOST"')
    .replaceAll(` 3:${hex}`, ' 3:HOST');
}
