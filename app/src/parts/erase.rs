//! Borders where the type of a view ends, so that pages compile in reasonable time and stay small.
//!
//! Leptos ends a type with `into_any`, which compiles a dozen functions for every view, some of them for routes
//! that are loaded when they are opened. Behind the borders drawn here there are the few that pages need; they
//! make the bundle a fifth smaller.

use std::any::{Any, TypeId};

use futures::FutureExt;
use futures::future::BoxFuture;
use leptos::attr::Attribute;
use leptos::attr::any_attribute::AnyAttribute;
use leptos::prelude::*;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::types::{Element, Node};
use leptos::tachys::ssr::StreamBuilder;
use leptos::tachys::view::add_attr::AddAnyAttr;
use leptos::tachys::view::{Position, PositionState};

/// Ends the type of a view.
pub trait Erase {
    /// The view as [`AnyView`].
    fn erased(self) -> AnyView;
}

impl<V: IntoView + 'static> Erase for V {
    fn erased(self) -> AnyView {
        Part(Box::new(self.into_view())).into_any()
    }
}

/// A view of any type.
struct Part(Box<dyn Drawn>);

/// What a view can do, whatever its type.
trait Drawn: Send {
    fn build(self: Box<Self>) -> PartState;
    fn rebuild(self: Box<Self>, state: &mut PartState);
    fn hydrate(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> PartState;
    fn dry_resolve(&mut self);
    fn resolve(self: Box<Self>) -> BoxFuture<'static, Part>;
    fn html_len(&self) -> usize;
    fn write(self: Box<Self>, html: &mut Html<'_>, way: Way<'_>);
}

/// Where HTML is written to.
enum Html<'a> {
    Whole(&'a mut String),
    InOrder(&'a mut StreamBuilder),
    OutOfOrder(&'a mut StreamBuilder),
}

/// How HTML is written.
struct Way<'a> {
    position: &'a mut Position,
    escape: bool,
    mark_branches: bool,
    attributes: Vec<AnyAttribute>,
}

impl<V: RenderHtml + 'static> Drawn for V {
    fn build(self: Box<Self>) -> PartState {
        const { assert!(V::EXISTS, "a border around nothing") };
        PartState::of::<V>(V::build(*self))
    }

    fn rebuild(self: Box<Self>, state: &mut PartState) {
        let same = (state.view == TypeId::of::<V>()).then(|| state.state.as_any().downcast_mut::<V::State>());
        match same.flatten() {
            Some(state) => V::rebuild(*self, state),
            None => {
                let mut new = Drawn::build(self);
                state.insert_before_this(&mut new);
                state.unmount();
                *state = new;
            }
        }
    }

    fn hydrate(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> PartState {
        PartState::of::<V>(V::hydrate::<true>(*self, cursor, position))
    }

    // What only the server does is compiled for the server only.

    fn dry_resolve(&mut self) {
        if cfg!(feature = "ssr") {
            V::dry_resolve(self);
        }
    }

    fn resolve(self: Box<Self>) -> BoxFuture<'static, Part> {
        match cfg!(feature = "ssr") {
            true => async move { Part(Box::new(V::resolve(*self).await)) }.boxed(),
            false => std::future::pending().boxed(),
        }
    }

    fn html_len(&self) -> usize {
        if cfg!(feature = "ssr") { V::html_len(self) } else { 0 }
    }

    fn write(self: Box<Self>, html: &mut Html<'_>, way: Way<'_>) {
        if cfg!(feature = "ssr") {
            let Way { position, escape, mark_branches, attributes } = way;
            match html {
                Html::Whole(html) => {
                    V::to_html_with_buf(*self, html, position, escape, mark_branches, attributes);
                }
                Html::InOrder(html) => {
                    V::to_html_async_with_buf::<false>(
                        *self,
                        html,
                        position,
                        escape,
                        mark_branches,
                        attributes,
                    );
                }
                Html::OutOfOrder(html) => {
                    V::to_html_async_with_buf::<true>(
                        *self,
                        html,
                        position,
                        escape,
                        mark_branches,
                        attributes,
                    );
                }
            }
        }
    }
}

/// A [`Part`] in the page.
struct PartState {
    /// The type of the view: two views may keep the same state and yet be of different elements.
    view: TypeId,
    state: Box<dyn Mounted>,
}

impl PartState {
    fn of<V: RenderHtml + 'static>(state: V::State) -> Self {
        PartState { view: TypeId::of::<V>(), state: Box::new(state) }
    }
}

trait Mounted: Mountable {
    fn as_any(&mut self) -> &mut dyn Any;
}

impl<S: Mountable + 'static> Mounted for S {
    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

impl Mountable for PartState {
    fn unmount(&mut self) {
        self.state.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.state.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.state.insert_before_this(child)
    }

    fn elements(&self) -> Vec<Element> {
        self.state.elements()
    }
}

impl Render for Part {
    type State = PartState;

    fn build(self) -> PartState {
        self.0.build()
    }

    fn rebuild(self, state: &mut PartState) {
        self.0.rebuild(state);
    }
}

impl AddAnyAttr for Part {
    type Output<A: Attribute> = Part;

    // Never called: a part is only ever inside of an `AnyView`, which keeps attributes itself.
    fn add_any_attr<A: Attribute>(self, _: A) -> Part {
        self
    }
}

impl RenderHtml for Part {
    type AsyncOutput = Part;
    type Owned = Part;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {
        self.0.dry_resolve();
    }

    fn resolve(self) -> impl Future<Output = Part> + Send {
        self.0.resolve()
    }

    fn html_len(&self) -> usize {
        self.0.html_len()
    }

    fn to_html_with_buf(
        self,
        html: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        attributes: Vec<AnyAttribute>,
    ) {
        self.0.write(&mut Html::Whole(html), Way { position, escape, mark_branches, attributes });
    }

    fn to_html_async_with_buf<const OUT_OF_ORDER: bool>(
        self,
        html: &mut StreamBuilder,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        attributes: Vec<AnyAttribute>,
    ) {
        let mut html = if OUT_OF_ORDER { Html::OutOfOrder(html) } else { Html::InOrder(html) };
        self.0.write(&mut html, Way { position, escape, mark_branches, attributes });
    }

    /// Never from a template: there are none.
    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> PartState {
        self.0.hydrate(cursor, position)
    }

    fn into_owned(self) -> Part {
        self
    }
}
