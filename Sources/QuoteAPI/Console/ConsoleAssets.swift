/// Styles and script of the console. Charts are Chart.js's; the script only hands it what the page says.
enum ConsoleAssets {
    static let style = """
        :root { color-scheme: light dark; --ink: #1c2733; --paper: #fff; --pale: #eef3f8; --blue: #1f5fa8; --red: #a3261c }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e4e9ee; --paper: #14191f; --pale: #222b35; --blue: #7db4f0; --red: #ff9a8f }
        }
        * { box-sizing: border-box }
        body { margin: 0 auto; max-width: 72rem; padding: 0 1rem 2rem; font: 16px/1.5 system-ui, sans-serif;
          color: var(--ink); background: var(--paper) }
        a { color: var(--blue) } h1 { font-size: 1.7rem } h2 { font-size: 1.25rem; margin-top: 2rem }
        .skip { position: absolute; left: -100rem } .skip:focus { left: 1rem; top: .5rem; background: var(--paper) }
        header { display: flex; flex-wrap: wrap; gap: 0 2rem; align-items: baseline; border-bottom: 1px solid var(--pale) }
        .brand { font-weight: 700; margin: .6rem 0 } nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; list-style: none;
          padding: 0; margin: .6rem 0 }
        :focus-visible { outline: 3px solid var(--blue); outline-offset: 2px } main:focus { outline: none }
        fieldset { border: 1px solid var(--pale); margin: 1rem 0; padding: .6rem 1rem 1rem; display: flex; flex-wrap: wrap; gap: .6rem 1.2rem }
        legend { font-weight: 600 } .field { display: flex; flex-direction: column; flex: 1 1 12rem; max-width: 20rem }
        .row { display: flex; flex-wrap: wrap; gap: .6rem 1.2rem; align-items: flex-end }
        .boxes { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); width: 100%; gap: .1rem 1rem }
        input, select, button { font: inherit; padding: .35rem .5rem; color: inherit; background: var(--paper); border: 1px solid #8a97a5;
          border-radius: 4px }
        input[type=checkbox] { padding: 0 } [aria-invalid] { border-color: var(--red) }
        button { background: var(--blue); color: var(--paper); border: 0; padding: .5rem 1.2rem; cursor: pointer }
        .fault, .faults { color: var(--red); margin: .2rem 0 } .total { font-size: 1.3rem }
        .wide { overflow-x: auto } table { border-collapse: collapse; margin: 1rem 0; min-width: 60% }
        caption { text-align: left; font-weight: 600; padding: .3rem 0 } td, th { padding: .25rem .7rem; text-align: left; vertical-align: top;
          font-weight: 400 } thead th { font-weight: 600; border-bottom: 2px solid var(--pale) } tbody tr:nth-child(even) { background: var(--pale) }
        .n { text-align: right; font-variant-numeric: tabular-nums } tr.chosen { outline: 3px solid var(--blue) }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1.5rem }
        figure { margin: 1rem 0; min-width: 0 } pre { background: var(--pale); padding: 1rem; overflow-x: auto; white-space: pre-wrap;
          overflow-wrap: anywhere }
        footer { border-top: 1px solid var(--pale); margin-top: 3rem; font-size: .85rem; overflow-wrap: anywhere }
        @media print { nav, form, .skip, button { display: none } body { max-width: none } }
        """

    static let script = """
        "use strict";
        const ink = getComputedStyle(document.body).color;
        Chart.defaults.color = ink;
        Chart.defaults.animation = false;
        for (const canvas of document.querySelectorAll("canvas[data-chart]")) {
          const config = JSON.parse(canvas.dataset.chart);
          config.options = config.options || {};
          const plugins = config.options.plugins = config.options.plugins || {};
          config.options.aspectRatio = window.innerWidth < 640 ? 1.1 : config.options.aspectRatio || 2;
          // Of a band one end is enough.
          const legend = plugins.legend = plugins.legend || {};
          legend.labels = { boxWidth: 20, filter: (item) => !item.text.startsWith("lower end") };
          // A point that carries words of its own shows them; selecting it marks its row of the table.
          plugins.tooltip = { callbacks: { label: (item) => item.raw && item.raw.text ? item.raw.text : item.dataset.label + ": " + item.formattedValue } };
          config.options.onClick = (event, found) => {
            if (!found.length) return;
            const point = config.data.datasets[found[0].datasetIndex].data[found[0].index];
            if (point.row === undefined) return;
            for (const row of document.querySelectorAll("tr.chosen")) row.classList.remove("chosen");
            const row = document.getElementById("point-" + point.row);
            row.classList.add("chosen");
            row.scrollIntoView({ block: "nearest" });
            document.getElementById("selected").textContent = point.text;
          };
          new Chart(canvas, config);
          canvas.dataset.drawn = "true";
        }
        """
}
