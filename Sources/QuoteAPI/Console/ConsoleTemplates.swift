/// The console's pages, as Mustache templates: what comes from data is escaped.
enum ConsoleTemplates {
    static let all: [String: String] = [
        "layout": layout, "request": request, "quote": quote, "refusal": refusal, "frontier": frontier,
        "listing": listing, "models": models, "provider": provider, "problem": problem, "field": field, "why": why,
        "curves": curves
    ]

    private static let layout = """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        {{#refresh}}<meta http-equiv="refresh" content="{{.}}">{{/refresh}}
        <title>{{title}} – Flashback</title>
        <link rel="stylesheet" href="/console/style.css">
        {{#hasCharts}}<script defer src="/console/chart.js"></script><script defer src="/console/script.js"></script>{{/hasCharts}}
        </head><body>
        <a class="skip" href="#main">Skip to the content</a>
        <header><p class="brand">Flashback</p><nav aria-label="Console"><ul>
        <li><a href="/">Request a quote</a></li>
        <li><a href="/console/listing">Listing</a></li>
        <li><a href="/console/models">Models</a></li>
        <li><a href="/openapi.json">API</a></li>
        </ul></nav></header>
        <main id="main" tabindex="-1"><h1>{{title}}</h1>
        {{{content}}}
        </main>
        <footer><p>Demonstration: nothing that is asked here is kept or binding. Catalogue {{catalog}}.</p></footer>
        </body></html>

        """

    private static let request = """
        {{#hasFaults}}<div class="faults" role="alert"><p>The request cannot be taken as it is:</p><ul>
        {{#faults}}<li>{{.}}</li>{{/faults}}</ul></div>{{/hasFaults}}
        {{#hasSamples}}<p>Begin with {{#samples}}<a href="/?sample={{name}}">{{name}}</a>{{^last}}, {{/last}}{{/samples}}.</p>{{/hasSamples}}
        <form action="/console/quote" method="get">
        <fieldset><legend>What is stored</legend>
        {{#stored}}{{> field}}{{/stored}}
        <div class="field"><label for="unit">Unit</label><select id="unit" name="unit">
        {{#units}}<option value="{{value}}"{{#chosen}} selected{{/chosen}}>{{text}}</option>{{/units}}</select></div>
        </fieldset>
        <fieldset><legend>Who reads it, and from where</legend>
        <div class="boxes">{{#regions}}<label><input type="checkbox" name="region" value="{{id}}"{{#chosen}} checked{{/chosen}}> {{name}}</label>{{/regions}}</div>
        {{#traffic}}{{> field}}{{/traffic}}
        </fieldset>
        <fieldset><legend>What it must withstand and reach</legend>
        {{#choices}}<div class="field"><label for="{{name}}">{{label}}</label>
        <select id="{{name}}" name="{{name}}"{{#faulty}} aria-invalid="true" aria-describedby="{{name}}-fault"{{/faulty}}>
        {{#options}}<option value="{{value}}"{{#chosen}} selected{{/chosen}}>{{text}}</option>{{/options}}</select>
        {{#faulty}}<p class="fault" id="{{name}}-fault">{{fault}}</p>{{/faulty}}</div>{{/choices}}
        {{#bounds}}{{> field}}{{/bounds}}
        </fieldset>
        <p><button type="submit">Make a quote</button></p>
        </form>
        """

    private static let field = """
        <div class="field"><label for="{{name}}">{{label}}</label>
        <input id="{{name}}" name="{{name}}" value="{{value}}" inputmode="decimal"{{#faulty}} aria-invalid="true" aria-describedby="{{name}}-fault"{{/faulty}}>
        {{#faulty}}<p class="fault" id="{{name}}-fault">{{fault}}</p>{{/faulty}}</div>
        """

    private static let quote = """
        <p class="total"><strong>{{total}}</strong> for {{months}} months; at most {{most}} in one of them.</p>
        <p>{{summary}} <a href="/?{{query}}">Change the request</a> ·
        <a href="/console/frontier?{{query}}">What more or less money would bring</a></p>
        <section aria-labelledby="legs"><h2 id="legs">Who stores it</h2>
        <div class="charts"><figure><canvas id="shares" role="img" aria-label="Monthly volume by offer; the table has the figures" data-chart="{{legsChart}}"></canvas></figure>
        <figure><canvas id="months" role="img" aria-label="Cost by month; the total is above" data-chart="{{monthsChart}}"></canvas></figure></div>
        <div class="wide" tabindex="0"><table><caption>Legs of the quote</caption><thead><tr><th scope="col">offer</th><th scope="col">where</th>
        <th scope="col" class="n">stored</th><th scope="col" class="n">cost of the term</th><th scope="col">what for</th></tr></thead><tbody>
        {{#legs}}<tr><th scope="row"><a href="/console/providers/{{provider}}">{{offer}}</a></th><td>{{metro}}</td><td class="n">{{stored}}</td><td class="n">{{cost}}</td><td>{{lines}}</td></tr>{{/legs}}
        </tbody></table></div>
        <div class="wide" tabindex="0"><table><caption>From the legs to the total</caption><tbody>
        {{#bill}}<tr><th scope="row">{{name}}</th><td class="n">{{amount}}</td></tr>{{/bill}}</tbody></table></div></section>
        <section aria-labelledby="why"><h2 id="why">Why these</h2>
        <p>{{achieved}}</p>
        <div class="wide" tabindex="0"><table><caption>The best offer of each provider, ranked for this user</caption>
        <thead><tr><th scope="col">place</th><th scope="col">offer</th><th scope="col" class="n">score</th><th scope="col" class="n">preference</th>
        <th scope="col" class="n">QoS</th><th scope="col" class="n">latency</th><th scope="col">chosen</th></tr></thead><tbody>
        {{#ranking}}<tr><td>{{place}}</td><th scope="row">{{offer}}</th><td class="n">{{score}}</td><td class="n">{{preference}}</td><td class="n">{{qos}}</td><td class="n">{{latency}}</td><td>{{chosen}}</td></tr>{{/ranking}}
        </tbody></table></div></section>
        {{> why}}
        <section aria-labelledby="sign"><h2 id="sign">A quote that binds</h2>
        <p>This one was computed and not kept. With an API key the service signs and keeps it:</p>
        <pre tabindex="0">{{curl}}</pre></section>
        """

    private static let why = """
        <section aria-labelledby="whynot"><h2 id="whynot">Why not others</h2>
        <p>{{eligible}} offers may serve the request, {{dropped}} may not.</p>
        <div class="wide" tabindex="0"><table><caption>Reasons, and how many offers they drop</caption><thead><tr><th scope="col">reason</th><th scope="col" class="n">offers</th><th scope="col">such as</th></tr></thead><tbody>
        {{#reasons}}<tr><th scope="row">{{reason}}</th><td class="n">{{offers}}</td><td>{{example}}</td></tr>{{/reasons}}</tbody></table></div></section>
        """

    private static let refusal = """
        <p class="total"><strong>No allocation meets the request.</strong></p>
        <p><a href="/?{{query}}">Change the request</a></p>
        <section aria-labelledby="conflict"><h2 id="conflict">What stands in the way</h2><pre tabindex="0">{{text}}</pre></section>
        {{> why}}
        """

    private static let frontier = """
        <p>{{summary}} Each point is an allocation that no other beats in all of cost, availability and latency; pale ones miss a
        bound of the request. <a href="/console/quote?{{query}}">Back to the quote</a></p>
        {{#isEmpty}}<p><strong>None was found in the time that a search may take here</strong>, or none meets the request; ask again, or
        change it.</p>{{/isEmpty}}
        <div class="charts"><figure><canvas id="availability" role="img" aria-label="Cost against availability; the table has the points" data-chart="{{availability}}"></canvas></figure>
        <figure><canvas id="latency" role="img" aria-label="Cost against latency; the table has the points" data-chart="{{latency}}"></canvas></figure></div>
        <p id="selected" aria-live="polite">Select a point to see it in the table.</p>
        <div class="wide" tabindex="0"><table id="points"><caption>{{count}} allocations</caption><thead><tr><th scope="col" class="n">cost, {{asset}}</th>
        <th scope="col" class="n">availability</th><th scope="col" class="n">latency</th><th scope="col">misses</th><th scope="col">placement</th></tr></thead><tbody>
        {{#points}}<tr id="point-{{index}}"><td class="n">{{cost}}</td><td class="n">{{availability}}</td><td class="n">{{latency}}</td><td>{{misses}}</td><td>{{placement}}</td></tr>{{/points}}
        </tbody></table></div>
        """

    private static let listing = """
        <form action="/console/listing" method="get" role="search"><div class="row">
        <div class="field"><label for="q">Search</label><input id="q" name="q" value="{{q}}"></div>
        <div class="field"><label for="continent">Continent</label><select id="continent" name="continent"><option value="">all</option>
        {{#continents}}<option value="{{value}}"{{#chosen}} selected{{/chosen}}>{{value}}</option>{{/continents}}</select></div>
        <div class="field"><label for="provider">Provider</label><select id="provider" name="provider"><option value="">all</option>
        {{#providers}}<option value="{{value}}"{{#chosen}} selected{{/chosen}}>{{value}}</option>{{/providers}}</select></div>
        <div class="field"><label for="sort">Order</label><select id="sort" name="sort">
        {{#orders}}<option value="{{value}}"{{#chosen}} selected{{/chosen}}>{{text}}</option>{{/orders}}</select></div>
        <p><button type="submit">Show</button></p></div></form>
        <div class="wide" tabindex="0"><table><caption>{{from}} to {{to}} of {{count}} offers; prices for 1 TB</caption><thead><tr><th scope="col">offer</th><th scope="col">where</th>
        <th scope="col" class="n">a month</th><th scope="col" class="n">availability</th><th scope="col">certifications</th></tr></thead><tbody>
        {{#offers}}<tr><th scope="row"><a href="/console/providers/{{provider}}">{{id}}</a></th><td>{{metro}}</td><td class="n">{{monthly}}</td><td class="n">{{availability}}</td><td>{{certifications}}</td></tr>{{/offers}}
        </tbody></table></div>
        <nav aria-label="Pages"><p>{{#hasBefore}}<a rel="prev" href="/console/listing?{{before}}">Before</a>{{/hasBefore}}
        {{#hasNext}}<a rel="next" href="/console/listing?{{next}}">Next</a>{{/hasNext}}</p></nav>
        """

    private static let provider = """
        <p>{{kind}} of {{country}}; certifications: {{certifications}}. {{standing}}
        {{#isListed}}<a href="/console/providers/{{provider}}/prices">What it would earn at other prices</a>{{/isListed}}</p>
        <figure><canvas id="prices" role="img" aria-label="Prices of the provider's offers; the table has the figures" data-chart="{{chart}}"></canvas></figure>
        <div class="wide" tabindex="0"><table><caption>Offers; prices for 1 TB</caption><thead><tr><th scope="col">offer</th><th scope="col">where</th>
        <th scope="col" class="n">a month</th><th scope="col" class="n">availability</th><th scope="col" class="n">comparable offers that are cheaper</th></tr></thead><tbody>
        {{#offers}}<tr><th scope="row">{{id}}</th><td>{{metro}}</td><td class="n">{{monthly}}</td><td class="n">{{availability}}</td><td class="n">{{rank}}</td></tr>{{/offers}}
        </tbody></table></div>
        """

    private static let curves = """
        <form action="/console/providers/{{provider}}/prices" method="get"><div class="row">
        <div class="field"><label for="offer">Offer</label><select id="offer" name="offer">
        {{#offers}}<option value="{{value}}"{{#chosen}} selected{{/chosen}}>{{value}}</option>{{/offers}}</select></div>
        <div class="field"><label for="cost">Costs of a TB stored for a month, USD</label><input id="cost" name="cost" value="{{cost}}" inputmode="decimal"></div>
        <p><button type="submit">Draw</button></p></div></form>
        <p>{{requests}} sample requests are replayed at every price; acceptance is estimated from made-up quotes{{#hasSource}}; costs are {{source}}{{/hasSource}}.
        <a href="/console/providers/{{provider}}">The provider's offers</a></p>
        {{#waits}}<p role="status">The requests are being replayed, which takes up to a minute. This page looks again by itself.</p>{{/waits}}
        {{#isDrawn}}{{#isAdvised}}<p class="total"><strong>{{price}}</strong> USD per {{unit}} and month earns the most; listed at {{listed}}.</p>
        <p>90% interval of the best price: {{low}} to {{high}}. At least 98% of the most is earned from {{nearLow}} to {{nearHigh}}.</p>{{/isAdvised}}
        {{^isAdvised}}<p class="total"><strong>No price is advised.</strong></p>{{/isAdvised}}
        {{#hasReasons}}<ul>{{#reasons}}<li>{{.}}</li>{{/reasons}}</ul>{{/hasReasons}}
        <div class="charts"><figure><canvas id="profit" role="img" aria-label="Profit a month by price; the table has what is listed and advised" data-chart="{{profitChart}}"></canvas></figure>
        <figure><canvas id="stored" role="img" aria-label="Volume stored by price; the table has the steps" data-chart="{{storedChart}}"></canvas></figure></div>
        {{#isAdvised}}<div class="wide" tabindex="0"><table><caption>A month</caption><thead><tr><td></td><th scope="col" class="n">as listed</th><th scope="col" class="n">as advised</th></tr></thead><tbody>
        {{#rows}}<tr><th scope="row">{{name}}</th><td class="n">{{listed}}</td><td class="n">{{advised}}</td></tr>{{/rows}}</tbody></table></div>{{/isAdvised}}
        <div class="wide" tabindex="0"><table><caption>What is won up to which price, if all accept</caption><thead><tr><th scope="col" class="n">up to, USD per {{unit}} and month</th><th scope="col" class="n">stored, GB</th><th scope="col" class="n">requests a month</th></tr></thead><tbody>
        {{#steps}}<tr><td class="n">{{price}}</td><td class="n">{{volume}}</td><td class="n">{{count}}</td></tr>{{/steps}}</tbody></table></div>
        <h2>What was assumed</h2><ul>{{#assumptions}}<li>{{.}}</li>{{/assumptions}}</ul>{{/isDrawn}}
        """

    private static let models = """
        {{#isEmpty}}<p>No model has been trained; rankings go by performance alone. <code>retrain run</code> makes one.</p>{{/isEmpty}}
        {{^isEmpty}}<p>In service: <strong>{{champion}}</strong>; performance: {{performance}}.</p>
        <figure><canvas id="metrics" role="img" aria-label="Measures by version; the table has the figures" data-chart="{{chart}}"></canvas></figure>
        <div class="wide" tabindex="0"><table><caption>Versions, newest first</caption><thead><tr><th scope="col">version</th><th scope="col">kind</th><th scope="col">trained</th>
        <th scope="col" class="n">interactions</th><th scope="col" class="n">Recall@20</th><th scope="col" class="n">NDCG@20</th><th scope="col">standing</th></tr></thead><tbody>
        {{#versions}}<tr><th scope="row">{{version}}</th><td>{{kind}}</td><td>{{trained}}</td><td class="n">{{interactions}}</td><td class="n">{{recall}}</td><td class="n">{{ndcg}}</td><td>{{standing}}</td></tr>{{/versions}}
        </tbody></table></div>{{/isEmpty}}
        {{#hasPerformance}}<div class="wide" tabindex="0"><table><caption>Models of performance, newest first</caption><thead><tr><th scope="col">version</th><th scope="col">trained</th>
        <th scope="col" class="n">measurements</th><th scope="col">errors on data that was not seen</th><th scope="col">standing</th></tr></thead><tbody>
        {{#performances}}<tr><th scope="row">{{version}}</th><td>{{trained}}</td><td class="n">{{measurements}}</td><td>{{errors}}</td><td>{{standing}}</td></tr>{{/performances}}
        </tbody></table></div>{{/hasPerformance}}
        <h2>Changes</h2>
        <ul>{{#changes}}<li>{{.}}</li>{{/changes}}{{^changes}}<li>None yet.</li>{{/changes}}</ul>
        """

    private static let problem = """
        <p>{{detail}}</p><p><a href="/">Request a quote</a></p>
        """
}
