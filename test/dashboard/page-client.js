/* Runs in the page: draws DATA (data.ts) with uPlot, in the layout of the dashboard. */
/* global DATA, uPlot */
(() => {
  const COLOURS = [
    ...['#3274d9', '#56a64b', '#e0a03b', '#c4382f', '#8f5bbd', '#2ba3a8', '#e0752d', '#6b7280'],
    ...['#7eb26d', '#b877d9', '#447ebc', '#d683ce'],
  ];
  /** Codes and names that everybody expects in one colour. */
  const KNOWN = { NOERROR: '#56a64b', NXDOMAIN: '#e0a03b', SERVFAIL: '#c4382f', REFUSED: '#8f5bbd', p99: '#c4382f' };
  const STATES = ['#ef8f2f', '#56a64b'];
  const AXIS = {
    stroke: '#6b7280',
    grid: { stroke: '#eceef0', width: 1 },
    ticks: { stroke: '#eceef0', width: 1, size: 4 },
  };
  const FONT = '11px "DejaVu Sans", sans-serif';

  const scaled = (value, steps, base) => {
    let [index, number] = [0, value];
    while (Math.abs(number) >= base && index < steps.length - 1) {
      number /= base;
      index++;
    }
    return `${Number(number.toPrecision(3))}${steps[index]}`;
  };
  const seconds = (value) => {
    if (value >= 1) return `${Number(value.toPrecision(3))} s`;
    return value >= 0.001 ? `${Number((value * 1e3).toPrecision(3))} ms` : `${Number((value * 1e6).toPrecision(3))} µs`;
  };
  const UNITS = {
    s: (value) => (value === 0 ? '0 s' : seconds(value)),
    percentunit: (value) => `${Number((value * 100).toPrecision(3))} %`,
    bytes: (value) => scaled(value, [' B', ' KiB', ' MiB', ' GiB'], 1024),
    reqps: (value) => `${scaled(value, ['', ' k', ' M'], 1000)} q/s`,
    cps: (value) => `${scaled(value, ['', ' k', ' M'], 1000)} /s`,
  };
  const format = (unit, value) =>
    value === null ? '–' : (UNITS[unit] ?? ((one) => scaled(one, ['', ' k', ' M'], 1000)))(value);
  const last = (values) => values.filter((value) => value !== null).at(-1) ?? null;
  const highest = (values) => Math.max(0, ...values.filter((value) => value !== null));
  const colourOf = ({ name }, index) => KNOWN[name.split(' ').at(-1)] ?? KNOWN[name] ?? COLOURS[index % COLOURS.length];
  const make = (tag, parent, text = '', className = '') => {
    const element = parent.appendChild(document.createElement(tag));
    element.textContent = text;
    element.className = className;
    return element;
  };

  const axes = (unit, size) => [
    {
      ...AXIS,
      font: FONT,
      space: 60,
      size: 26,
      incrs: [60, 120, 300, 600, 1800, 3600],
      values: (_, splits) => splits.map((at) => new Date(at * 1000).toISOString().slice(11, 16)),
    },
    {
      ...AXIS,
      font: FONT,
      size,
      // Powers of two for bytes, else what uPlot finds.
      ...(unit === 'bytes' ? { incrs: Array.from({ length: 20 }, (_, power) => 2 ** (16 + power)) } : {}),
      values: (_, splits) => splits.map((value) => (value === null ? '' : format(unit, value))),
    },
  ];
  const plot = (host, options, data) =>
    new uPlot(
      {
        width: host.clientWidth,
        height: host.clientHeight,
        legend: { show: false },
        cursor: { show: false },
        ...options,
      },
      data,
      host,
    );

  /** Each line on top of those before it. */
  const stacked = (lines) => {
    const sum = DATA.times.map(() => 0);
    return lines.map(({ values }) => values.map((value, index) => (sum[index] += value ?? 0)));
  };

  function drawLines(host, { panel, lines }) {
    const { unit, max, custom } = panel.fieldConfig.defaults;
    const isStacked = custom.stacking.mode === 'normal';
    const values = isStacked ? stacked(lines) : lines.map((line) => line.values);
    const series = lines.map((line, index) => {
      const colour = colourOf(line, index);
      return { stroke: colour, width: 1.5, points: { show: false }, fill: colour + (isStacked ? '59' : '0f') };
    });
    const order = isStacked ? lines.map((_, index) => lines.length - 1 - index) : lines.map((_, index) => index);
    const bands = isStacked ? order.slice(0, -1).map((_, at) => ({ series: [at + 1, at + 2] })) : [];
    const top = max ?? (highest(values.flat()) * 1.08 || 1);
    plot(
      host,
      {
        series: [{}, ...order.map((index) => series[index])],
        bands,
        axes: axes(unit, 64),
        scales: { y: { range: [0, top] } },
        padding: [8, 8, 0, 0],
      },
      [DATA.times, ...order.map((index) => values[index])],
    );
  }

  function legend(host, { panel, lines }) {
    const { unit } = panel.fieldConfig.defaults;
    const shown = lines
      .map((line, index) => [line, colourOf(line, index)])
      .filter(([line]) => highest(line.values) > 0 || lines.length < 5);
    const table = make('div', host, '', 'legend');
    for (const title of ['', 'last', 'max']) make('i', table, title);
    for (const [line, colour] of shown.slice(0, 6)) {
      make('span', table, line.name).style.setProperty('--colour', colour);
      make('em', table, format(unit, last(line.values)));
      make('em', table, format(unit, highest(line.values)));
    }
  }

  function states(host, { panel }) {
    const { options } = panel.fieldConfig.defaults.mappings[0];
    const names = make('div', host, '', 'names');
    for (const state of [1, 0]) make('span', names, options[state].text).style.setProperty('--colour', STATES[state]);
  }

  /** Rows of coloured cells over time: buckets of a histogram, states of nodes. */
  function drawCells(host, lines, labels, colour, size) {
    const width = DATA.times[1] - DATA.times[0];
    const paint = (chart) => {
      const { ctx } = chart;
      lines.forEach(({ values }, row) => {
        const [top, bottom] = [row + 1, row].map((at) => chart.valToPos(at, 'y', true));
        values.forEach((value, index) => {
          const fill = value === null ? null : colour(value);
          if (fill === null) return;
          const [left, right] = [-width / 2, width / 2].map((by) => chart.valToPos(DATA.times[index] + by, 'x', true));
          ctx.fillStyle = fill;
          ctx.fillRect(left, top + 1, right - left + 0.5, Math.max(1, bottom - top - (lines.length > 8 ? 1 : 5)));
        });
      });
    };
    const [time, names] = axes('none', size);
    const splits = lines.map((_, row) => row + 0.5);
    plot(
      host,
      {
        series: [{}, { show: false }],
        axes: [
          time,
          { ...names, grid: { show: false }, splits: () => splits, filter: (_, all) => all, values: () => labels },
        ],
        scales: { y: { range: [0, lines.length] } },
        hooks: { draw: [paint] },
        padding: [6, 8, 0, 0],
      },
      [DATA.times, DATA.times.map(() => 0)],
    );
  }

  function drawHeatmap(host, { lines }) {
    const used = lines.map(({ values }) => highest(values) > 0);
    const shown = lines.slice(0, used.lastIndexOf(true) + 1);
    const top = highest(shown.flatMap(({ values }) => values));
    const shade = (value) => {
      if (value <= 0) return null;
      const depth = (value / top) ** 0.35;
      return `hsl(${214 - 10 * depth} ${55 + 25 * depth}% ${92 - 58 * depth}%)`;
    };
    const labels = shown.map(({ labels: { le } }) => (le === '+Inf' ? '∞' : `≤ ${seconds(Number(le))}`));
    drawCells(host, shown, labels, shade, 76);
  }

  function drawStates(host, { lines }) {
    drawCells(
      host,
      lines,
      lines.map(({ name }) => name),
      (value) => STATES[value],
      156,
    );
  }

  function drawStat(section, host, { panel, lines }) {
    const { unit, thresholds } = panel.fieldConfig.defaults;
    const values = lines[0]?.values ?? [];
    const value = last(values);
    const names = { green: '#37872d', red: '#c4162a', orange: '#e0752d', yellow: '#d9a514', blue: '#1f60c4' };
    const colour = names[thresholds.steps.filter((step) => step.value === null || value >= step.value).at(-1).color];
    make('p', section, format(unit, value)).style.color = colour;
    const none = { show: false };
    const top = highest(values) * 1.3 || 1;
    plot(
      host,
      {
        series: [{}, { stroke: colour, width: 1, fill: `${colour}1f`, points: none }],
        axes: [none, none],
        scales: { y: { range: [0, top] } },
        padding: [0, 0, 0, 0],
      },
      [DATA.times, values],
    );
  }

  function drawTable(host, { panel, lines }) {
    const hidden = panel.transformations[1].options.excludeByName;
    const columns = [...new Set(lines.flatMap(({ labels }) => Object.keys(labels)))]
      .filter((name) => !hidden[name])
      .sort();
    const value = hidden.Value ? [] : ['Value'];
    const table = make('table', host);
    const head = make('tr', table);
    for (const name of [...columns, ...value]) make('th', head, name);
    for (const { labels, values } of lines.filter((line) => last(line.values) !== null)) {
      const row = make('tr', table);
      for (const name of columns) make('td', row, labels[name] ?? '');
      for (const _ of value) make('td', row, `${last(values)}`);
    }
  }

  function drawPanel(main, one) {
    const { gridPos, title, type } = one.panel;
    const section = make('section', main, '', type);
    section.style.gridColumn = `${gridPos.x + 1} / span ${gridPos.w}`;
    section.style.gridRow = `${gridPos.y + 1} / span ${gridPos.h}`;
    make('h2', section, title);
    const host = make('div', section, '', 'plot');
    if (type === 'timeseries') legend(section, one);
    if (type === 'state-timeline') states(section, one);
    return () => {
      if (type === 'timeseries') drawLines(host, one);
      if (type === 'heatmap') drawHeatmap(host, one);
      if (type === 'state-timeline') drawStates(host, one);
      if (type === 'stat') drawStat(section, host, one);
      if (type === 'table') drawTable(host, one);
    };
  }

  function drawHead(main, { panel }) {
    const titles = panel.repeat ? DATA.instances.map((name) => panel.title.replace('$instance', name)) : [panel.title];
    titles.forEach((title, index) => {
      const head = make('div', main, `${panel.repeat ? '▸' : '▾'} ${title}`, 'head');
      head.style.gridRow = `${panel.gridPos.y + 1 + index}`;
      if (panel.repeat) make('small', head, `(${panel.panels.length} panels)`);
    });
  }

  const header = make('header', document.body);
  make('h1', header, 'NodeLocal DNSCache');
  for (const [name, value] of [
    ['Data source', 'Prometheus'],
    ['Cluster', 'All'],
    ['Job', 'node-local-dns'],
    ['Node', 'All'],
  ]) {
    make('b', make('span', header, name), value);
  }
  const main = make('main', document.body);
  const drawings = [];
  for (const one of DATA.drawn) {
    if (one.panel.type === 'row') drawHead(main, one);
    else drawings.push(drawPanel(main, one));
  }
  // Sizes are known when all is laid out.
  for (const draw of drawings) draw();
})();
