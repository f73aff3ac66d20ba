//! The forms that set, change and remove a limit.

use leptos::prelude::*;
use vocabulary::{Dimension, wording};

use super::{MESSAGES, RefusedForm};
use crate::api::limits::{LimitForm, LimitItem, LimitsPage};
use crate::pages::refusal;
use crate::parts::kind_name;
use crate::reader::Reader;

/// The form for a new limit; closed while there are limits to look at, unless it was refused.
pub fn add(reader: &Reader, page: &LimitsPage, refused: Option<&RefusedForm>) -> AnyView {
    let text = &reader.text().limits;
    let refused = refused.filter(|refused| refused.form.id.is_empty());
    let fresh = LimitForm {
        warn_percent: "80".to_owned(),
        critical_percent: "100".to_owned(),
        endpoints: MESSAGES.to_owned(),
        ..LimitForm::default()
    };
    let form = refused.map_or(&fresh, |refused| &refused.form);
    let kinds = page.kinds.iter().map(|kind| {
        let name = kind_name(reader, &kind.word).unwrap_or(&kind.word).to_owned();
        view! { <option value=kind.word.clone() data-unit=kind.unit.clone() selected=kind.word == form.kind>{format!("{name} ({})", reader.text().words.unit(&kind.unit))}</option> }
    });
    let dimensions = Dimension::ALL.iter().map(|dimension| {
        let word = dimension.word();
        view! { <option value=word selected=word == form.scope_dimension>{reader.text().words.dimension(*dimension)}</option> }
    });
    let mut units: Vec<&str> = page.kinds.iter().map(|kind| kind.unit.as_str()).collect();
    units.sort_unstable();
    units.dedup();
    let is_open = refused.is_some() || page.limits.is_empty();
    view! {
        <details class="add" open=is_open>
            <summary>{text.add}</summary>
            <section id="add" aria-label=text.add>
                {refusal(refused.map(|refused| refused.why.as_str()))}
                <form method="post" action="/limits" class="form sentence">
                    <input type="hidden" name="id" value=""/>
                    <label>{text.kind}<select name="kind">{kinds.collect_view()}</select></label>
                    {amount(reader, form, &units, false)}
                    <label>{text.covers}<select name="scope_dimension"><option value="">{reader.text().now.everything}</option>{dimensions.collect_view()}</select></label>
                    <label>{text.value}<input name="scope_value" value=form.scope_value.clone() placeholder=text.each_value maxlength="256"/></label>
                    {name(reader, form)}
                    {more(reader, form, page, "add-more".to_owned(), false)}
                    <button type="submit" class="primary">{text.add_button}</button>
                </form>
                <p class="footnote"><a href="/docs/limits">{reader.text().docs.limits}</a></p>
            </section>
        </details>
    }
    .into_any()
}

/// The forms that change a limit, and remove it.
pub(super) fn edit(
    reader: &Reader,
    page: &LimitsPage,
    limit: &LimitItem,
    refused: Option<&RefusedForm>,
) -> AnyView {
    let text = &reader.text().limits;
    let refused = refused.filter(|refused| refused.form.id == limit.id);
    let known = as_typed(limit);
    let form = refused.map_or(&known, |refused| &refused.form);
    let is_learned = limit.learned.is_some();
    let comes_back = is_learned.then(|| format!(" {}", text.comes_back));
    let id = || view! { <input type="hidden" name="id" value=limit.id.clone()/> };
    let cancel = || view! { <a class="button" href="/limits" data-cancel="">{text.cancel}</a> };
    view! {
        <details class="edit" id=format!("change-{}", limit.id) open=refused.is_some()>
            <summary>{text.change}</summary>
            {refusal(refused.map(|refused| refused.why.as_str()))}
            <form method="post" action="/limits" class="form sentence">
                {id()}
                <input type="hidden" name="revision" value=form.revision.clone()/>
                {amount(reader, form, &[limit.unit.as_str()], is_learned)}
                {name(reader, form)}
                {more(reader, form, page, format!("more-{}", limit.id), is_learned)}
                <button type="submit" class="primary">{text.save}</button>
                {cancel()}
            </form>
        </details>
        <details class="edit" id=format!("remove-{}", limit.id)>
            <summary>{text.remove}</summary>
            <p>{text.remove_note}{comes_back}</p>
            <form method="post" action="/limits/remove" class="form sentence">
                {id()}
                <button type="submit" class="danger">{text.remove_button}</button>
                {cancel()}
            </form>
        </details>
    }
    .into_any()
}

/// A limit as its form holds it.
fn as_typed(limit: &LimitItem) -> LimitForm {
    LimitForm {
        id: limit.id.clone(),
        revision: limit.revision.to_string(),
        name: limit.name.clone(),
        amount: wording::plain(limit.amount, 9),
        time_zone: limit.window.tz.clone().unwrap_or_default(),
        warn_percent: limit.warn_percent.to_string(),
        critical_percent: limit.critical_percent.to_string(),
        enforce: if limit.enforce { "yes".to_owned() } else { String::new() },
        endpoints: limit.endpoints.join(","),
        ..LimitForm::default()
    }
}

/// How much may be used, in one of these units: of several, that of the chosen kind is shown.
fn amount(reader: &Reader, form: &LimitForm, units: &[&str], is_learned: bool) -> AnyView {
    let units = units.iter().map(|unit| view! { <small class="unit" data-unit=(*unit).to_owned()>{format!("({})", reader.text().words.unit(unit))}</small> });
    view! { <label class="short"><span>{reader.text().limits.amount}" "{units.collect_view()}</span><input name="amount" value=form.amount.clone() inputmode="decimal" required readonly=is_learned/></label> }.into_any()
}

fn name(reader: &Reader, form: &LimitForm) -> AnyView {
    view! { <label>{reader.text().limits.name}<input name="name" value=form.name.clone() required maxlength="128"/></label> }.into_any()
}

/// What is mostly left as it is.
fn more(reader: &Reader, form: &LimitForm, page: &LimitsPage, id: String, is_learned: bool) -> AnyView {
    let text = &reader.text().limits;
    let counted = (!form.endpoints.is_empty()).then(|| {
        let options = text.counted.iter().map(|(value, label)| {
            view! { <option value=*value selected=*value == form.endpoints>{*label}</option> }
        });
        let other = text.counted.iter().all(|(value, _)| *value != form.endpoints).then(|| {
            view! { <option value=form.endpoints.clone() selected=true>{form.endpoints.replace(',', ", ")}</option> }
        });
        view! { <label>{text.counts}<select name="endpoints">{options.collect_view()}{other}</select></label> }
    });
    let enforce = (!is_learned).then(|| {
        view! {
            <label>{text.when_exhausted}
                <select name="enforce"><option value="">{text.lets_pass}</option><option value="yes" selected=!form.enforce.is_empty()>{text.refuses}</option></select>
            </label>
        }
    });
    view! {
        <details class="more-fields" id=id>
            <summary>{text.more_fields}</summary>
            <div class="form sentence">
                <label class="short">{text.warns_at}<input name="warn_percent" value=form.warn_percent.clone() inputmode="numeric"/></label>
                <label class="short">{text.critical_at}<input name="critical_percent" value=form.critical_percent.clone() inputmode="numeric"/></label>
                {counted}
                <label>{text.zone}<input name="time_zone" value=form.time_zone.clone() placeholder=page.time_zone.clone()/></label>
                {enforce}
            </div>
        </details>
    }
    .into_any()
}
