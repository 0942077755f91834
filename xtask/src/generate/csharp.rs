//! C#'s view of the C interface: P/Invoke signatures, lent structures and error codes.
//! Everything in it is blittable: handles are `nint`, a `bool` is a byte, callbacks are function pointers. So nothing is marshalled
//! behind the scenes, and no source generator is needed, which the way without an SDK doesn't have.

use anyhow::{Context, Result, bail};
use cbindgen::Bindings;
use cbindgen::bindgen::ir::{Enum, Function, IntKind, ItemContainer, Literal, PrimitiveType, Struct, Type};

const TITLE: &str = "// Generated from bindings/c by `cargo xtask generate`; do not edit.\n";

/// What .NET has an exception of its own for.
const SEEN_AS: [(&str, &str); 2] = [
    ("AGG_CLOSED", "System.ObjectDisposedException"),
    ("AGG_CANCELLED", "System.OperationCanceledException"),
];

/// Longest line of a signature that is not broken up.
const LINE: usize = 140;

/// Every function of the header under its C name, so that one search finds both sides.
pub fn native_methods(bindings: &Bindings) -> Result<String> {
    let constant = bindings.constants.iter().find(|constant| constant.export_name == "AGG_ABI_VERSION");
    let Some(Literal::Expr(abi)) = constant.map(|constant| &constant.value) else {
        bail!("bindings/c has no AGG_ABI_VERSION that is a literal");
    };
    let structures = bindings.items.iter().filter_map(|item| match item {
        ItemContainer::Struct(structure) => Some(self::structure(bindings, structure)),
        _ => None,
    });
    let structures = structures.collect::<Result<String>>()?;
    let functions = bindings.functions.iter().map(|function| signature(bindings, function));
    let functions = functions.collect::<Result<Vec<_>>>()?.join("\n");
    Ok(format!(
        "{TITLE}using System.Runtime.InteropServices;

namespace Agglestone.Native;

/// <summary>The C interface. include/agglestone.h says what each function does and who owns what.</summary>
internal static unsafe class NativeMethods
{{
    /// <summary>libagglestone.so, libagglestone.dylib or agglestone.dll.</summary>
    internal const string Library = \"agglestone\";

    /// <summary>AGG_ABI_VERSION of the interface that these signatures belong to.</summary>
    internal const uint AbiVersion = {abi};

    private const CallingConvention C = CallingConvention.Cdecl;

{functions}}}
{structures}"
    ))
}

/// The codes of `agg_status` as the public enumeration.
pub fn error_codes(bindings: &Bindings) -> Result<String> {
    let codes = enumeration(bindings, "agg_status").context("bindings/c has no agg_status")?;
    let mut members = Vec::new();
    for variant in codes.variants.iter().filter(|variant| variant.name != "AGG_OK") {
        let Some(Literal::Expr(number)) = &variant.discriminant else {
            bail!("{} has no number", variant.name);
        };
        let summary = variant.documentation.doc_comment.join("");
        let mut summary = summary.trim().replace('&', "&amp;").replace('<', "&lt;");
        if let Some((_, exception)) = SEEN_AS.iter().find(|(name, _)| *name == variant.name) {
            summary += &format!(" Seen as <see cref=\"{exception}\"/>.");
        }
        let name = pascal(&variant.name);
        members.push(format!("    /// <summary>{summary}</summary>\n    {name} = {number},\n"));
    }
    let members = members.join("\n");
    Ok(format!(
        "{TITLE}namespace Agglestone;

/// <summary>
/// What went wrong, by class. Numbers are the same in every language of this client and never change their meaning; newer
/// versions may add some.
/// </summary>
public enum AgglestoneErrorCode
{{
{members}}}
"
    ))
}

fn signature(bindings: &Bindings, function: &Function) -> Result<String> {
    let name = function.path.name();
    let of = |ty: &Type| self::ty(bindings, ty).with_context(|| format!("in {name}"));
    let mut parameters = Vec::new();
    for argument in &function.args {
        let parameter =
            argument.name.as_deref().with_context(|| format!("{name} has a nameless argument"))?;
        parameters.push(format!("{} {}", of(&argument.ty)?, camel(parameter)));
    }
    let start = format!("    internal static extern {} {name}(", of(&function.ret)?);
    let in_line = format!("{start}{});", parameters.join(", "));
    let declaration = if in_line.len() <= LINE {
        in_line
    } else {
        format!("{start}\n        {});", parameters.join(",\n        "))
    };
    Ok(format!("    [DllImport(Library, CallingConvention = C)]\n{declaration}\n"))
}

/// The fields; methods stand in a part written by hand.
fn structure(bindings: &Bindings, structure: &Struct) -> Result<String> {
    let mut fields = String::new();
    for field in &structure.fields {
        fields += &format!("    private readonly {} {};\n", ty(bindings, &field.ty)?, camel(&field.name));
    }
    let name = pascal(&structure.export_name);
    Ok(format!(
        "\n[StructLayout(LayoutKind.Sequential)]\ninternal readonly unsafe partial struct {name}\n{{\n{fields}}}\n"
    ))
}

fn ty(bindings: &Bindings, ty: &Type) -> Result<String> {
    Ok(match ty {
        Type::Ptr { ty: to, .. } if is_opaque(bindings, to) => "nint".to_owned(),
        Type::Ptr { ty: to, .. } => format!("{}*", self::ty(bindings, to)?),
        Type::Primitive(primitive) => self::primitive(primitive)?.to_owned(),
        Type::FuncPtr { ret, args, .. } => {
            let types = args.iter().map(|(_, ty)| ty).chain([&**ret]);
            let types = types.map(|ty| self::ty(bindings, ty)).collect::<Result<Vec<_>>>()?;
            format!("delegate* unmanaged[Cdecl]<{}>", types.join(", "))
        }
        Type::Path(path) => named(bindings, path.export_name())?,
        Type::Array(..) => bail!("an array has no counterpart in C#"),
    })
}

/// Whether nothing is known of what is pointed to: a handle, or the caller's own.
fn is_opaque(bindings: &Bindings, ty: &Type) -> bool {
    match ty {
        Type::Primitive(PrimitiveType::Void) => true,
        Type::Path(path) => bindings.items.iter().any(
            |item| matches!(item, ItemContainer::OpaqueItem(opaque) if opaque.export_name == path.export_name()),
        ),
        _ => false,
    }
}

fn named(bindings: &Bindings, name: &str) -> Result<String> {
    for item in &bindings.items {
        match item {
            ItemContainer::Typedef(typedef) if typedef.export_name == name => {
                return ty(bindings, &typedef.aliased);
            }
            ItemContainer::Struct(structure) if structure.export_name == name => return Ok(pascal(name)),
            _ => {}
        }
    }
    let repr = enumeration(bindings, name).and_then(|found| found.repr.ty);
    let repr = repr.with_context(|| format!("{name} has no counterpart in C#"))?;
    Ok(integer(repr.kind, repr.signed)?.to_owned())
}

fn enumeration<'a>(bindings: &'a Bindings, name: &str) -> Option<&'a Enum> {
    bindings.items.iter().find_map(|item| match item {
        ItemContainer::Enum(found) if found.export_name == name => Some(found),
        _ => None,
    })
}

fn primitive(primitive: &PrimitiveType) -> Result<&'static str> {
    Ok(match primitive {
        PrimitiveType::Void => "void",
        PrimitiveType::Bool | PrimitiveType::Char | PrimitiveType::UChar => "byte",
        PrimitiveType::Double => "double",
        PrimitiveType::Integer { signed, kind, .. } => integer(*kind, *signed)?,
        _ => bail!("{primitive:?} has no counterpart in C#"),
    })
}

fn integer(kind: IntKind, signed: bool) -> Result<&'static str> {
    Ok(match (kind, signed) {
        (IntKind::B8, false) => "byte",
        (IntKind::B16, false) => "ushort",
        (IntKind::B32, false) => "uint",
        (IntKind::B32, true) => "int",
        (IntKind::B64, false) => "ulong",
        (IntKind::B64, true) => "long",
        (IntKind::Size | IntKind::SizeT, false) => "nuint",
        (IntKind::Size | IntKind::SizeT, true) => "nint",
        _ => bail!("{kind:?} has no counterpart in C#"),
    })
}

/// `AGG_NOT_FOUND` and `agg_view` are `NotFound` and `View`.
fn pascal(name: &str) -> String {
    let words = name.split('_').skip(1).map(|word| word[..1].to_uppercase() + &word[1..].to_lowercase());
    words.collect()
}

/// `user_id` is `userId`. The `@` makes a name of a keyword of C#.
fn camel(name: &str) -> String {
    let (first, rest) = name.split_once('_').map_or((name, ""), |(first, _)| (first, &name[first.len()..]));
    let name = format!("{first}{}", pascal(rest));
    if name == "event" { format!("@{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::{camel, pascal};

    #[test]
    fn names_are_spelled_as_in_csharp() {
        assert_eq!(["AGG_TLS", "AGG_NOT_FOUND", "agg_view"].map(pascal), ["Tls", "NotFound", "View"]);
        let parameters = ["error", "user_id", "secondary_length", "event"];
        assert_eq!(parameters.map(camel), ["error", "userId", "secondaryLength", "@event"]);
    }
}
